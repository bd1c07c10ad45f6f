//! `authenticateGuest`, and what keeps a guest: the refresh of its token.

use std::rc::Rc;
use std::time::Duration;

use serde::Deserialize;

use super::super::defect::Defect;
use super::api::{Fault, url};
use super::client::Client;
use super::doors::Door;

/// The bearer token that the mock takes by default.
const OAUTH_TOKEN: &str = "holdline-oauth";
const GUEST: &str =
    r#"{"guest":{"email":"anonymous@local","firstName":"Guest","lastName":"User"}}"#;

/// What is assumed of a token that does not say how long it lives.
const ASSUMED: Duration = Duration::from_secs(600);
/// A token is no longer used so shortly before its end, or a tenth of its life before.
const MARGIN_MAX: Duration = Duration::from_secs(60);

/// `GuestSession`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct GuestSession {
    pub(super) instance: String,
    pub(super) token: String,
    /// From when it is not used any more; `None` is a `NaN`, which is never reached.
    pub(super) expires_at: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grant {
    webchat_instance_id: String,
    token: String,
    expires_in: Option<u64>,
}

impl Client {
    /// A session to connect with: the one there is, renewed if it has expired, or a new one.
    pub(super) async fn session_to_connect(self: &Rc<Self>) -> Result<GuestSession, Fault> {
        let session = self.saved().session.clone();
        match session {
            Some(session) if !self.is_expired(&session) => Ok(session),
            Some(_) if self.has(Defect::A22) => self.authenticate_guest().await,
            Some(session) => self.renew(&session).await,
            None => self.authenticate_guest().await,
        }
    }

    /// A session to ask with over REST.
    pub(super) async fn session_to_ask(self: &Rc<Self>) -> Result<GuestSession, Fault> {
        let session = self.saved().session.clone().ok_or(Fault::NoAnswer)?;
        // The article looks at the expiry when it reconnects, and then only.
        if self.has(Defect::A23) || !self.is_expired(&session) {
            return Ok(session);
        }
        self.renew(&session).await
    }

    /// A new token for the guest of `stale`, or a new guest if that one is gone.
    pub(super) async fn renew(
        self: &Rc<Self>,
        stale: &GuestSession,
    ) -> Result<GuestSession, Fault> {
        let _alone = self.renewing().lock().await;
        if let Some(session) = self.saved().session.as_ref().filter(|now| *now != stale) {
            return Ok(session.clone());
        }
        match self.refresh(stale).await {
            Err(fault) if fault.is_gone() => {
                self.conversation_gone();
                self.authenticate_guest().await
            }
            answer => answer,
        }
    }

    /// `authenticateGuest`.
    async fn authenticate_guest(&self) -> Result<GuestSession, Fault> {
        let request = self.http().post(url("webchat/guests")).bearer_auth(OAUTH_TOKEN);
        let grant = self.fetch(Door::Guests, request, Some(GUEST.to_owned())).await?;
        Ok(self.keep(grant))
    }

    async fn refresh(&self, stale: &GuestSession) -> Result<GuestSession, Fault> {
        let request =
            self.http().post(url("conversations/messaging/guests")).bearer_auth(&stale.token);
        let grant = self.fetch(Door::Refresh, request, None).await?;
        Ok(self.keep(grant))
    }

    fn keep(&self, grant: Grant) -> GuestSession {
        let Grant { webchat_instance_id: instance, token, expires_in } = grant;
        let life = expires_in.map(Duration::from_secs);
        let expires_at = if self.has(Defect::A23) {
            life.map(|life| self.clock().wall().saturating_add(life))
        } else {
            let life = life.filter(|life| !life.is_zero()).unwrap_or(ASSUMED);
            let used = life.saturating_sub((life / 10).min(MARGIN_MAX));
            Some(self.mono().saturating_add(used))
        };
        let session = GuestSession { instance, token, expires_at };
        self.saved_mut().session = Some(session.clone());
        session
    }

    fn is_expired(&self, session: &GuestSession) -> bool {
        let now = if self.has(Defect::A23) { self.clock().wall() } else { self.mono() };
        session.expires_at.is_some_and(|at| now > at)
    }

    /// The cloud no longer takes the token.
    pub(super) fn token_refused(&self) {
        if let Some(session) = &mut self.saved_mut().session {
            session.expires_at = Some(Duration::ZERO);
        }
    }
}
