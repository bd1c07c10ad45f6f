//! Creating, refreshing and forgetting guests.

use std::time::Duration;

use super::answer::Grant;
use super::bucket::TokenBucket;
use super::effect::Effect;
use super::refusal::Refusal;
use super::registry::{Guest, GuestIndex};
use super::time::Now;
use super::tokens::Token;
use super::{CloudEvent, Core};

const CREATE_SCOPE: &str = "webchat:guest:write";
const REFRESH_SCOPE: &str = "webmessaging:guest:write";

impl Core {
    /// A new guest with its conversation and token (article 000). `profile` is what was wrong with who it
    /// says to be.
    pub fn create_guest(
        &mut self,
        now: Now,
        oauth: Option<&str>,
        profile: Result<(), Refusal>,
        out: &mut Vec<Effect>,
    ) -> Result<Grant, Refusal> {
        self.check_oauth(oauth, CREATE_SCOPE)?;
        profile?;
        self.make_room(out)?;
        let instance = self.draw_uuid();
        let config = &self.config;
        let bucket = TokenBucket::new(config.messages_per_second, config.burst, now.mono);
        let guest = self.guests.register(Guest::new(instance.clone(), now.mono, bucket));
        out.push(Effect::Event(CloudEvent::GuestCreated { guest: instance }));
        Ok(self.grant(now, guest))
    }

    /// A new token for a guest whose conversation and instance stay (article 004). The guest is named by its
    /// token (an expired one too), or by an OAuth bearer with an `instance`, or it is the newest one.
    pub fn refresh(
        &mut self,
        now: Now,
        bearer: Option<&str>,
        instance: Result<Option<String>, Refusal>,
        out: &mut Vec<Effect>,
    ) -> Result<Grant, Refusal> {
        let guest = self.guest_to_refresh(bearer, instance)?;
        self.check_alive(now, guest, out)?;
        let instance = self.guests[guest].instance.clone();
        out.push(Effect::Event(CloudEvent::TokenRefreshed { guest: instance }));
        Ok(self.grant(now, guest))
    }

    /// A token is expired from `at` on, if it lives so long.
    pub(crate) fn expire_token(&mut self, token: &str, at: Duration) {
        self.tokens.expire(token, at);
    }

    /// A token is unknown from now on.
    pub(crate) fn revoke_token(&mut self, token: &str) {
        self.tokens.revoke(token);
    }

    /// Whose token this is.
    pub(crate) fn instance_of_token(&self, token: &str) -> Option<&str> {
        self.instance(self.tokens.get(token)?.guest)
    }

    /// The `webchatInstanceId` of a guest that is remembered.
    pub(crate) fn instance(&self, guest: GuestIndex) -> Option<&str> {
        self.guests.get(guest).map(|guest| guest.instance.as_str())
    }

    /// Every token that exists is expired from now on.
    pub fn expire_tokens(&mut self, now: Now) {
        self.tokens.expire_all(now.mono);
    }

    /// Every guest is gone from now on.
    pub fn forget_guests(&mut self, out: &mut Vec<Effect>) {
        let all: Vec<GuestIndex> = self.guests.iter().map(|(index, _)| index).collect();
        for guest in all {
            self.forget(guest, out);
        }
    }

    /// The oldest guest without a socket makes room for a new one.
    fn make_room(&mut self, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let max = self.config.max_guests;
        let forgotten = self.guests.make_room(max).ok_or_else(|| Refusal::guests_exhausted(max))?;
        for (index, guest) in forgotten {
            self.tokens.forget(index);
            if !guest.gone {
                out.push(Effect::Event(CloudEvent::GuestGone { guest: guest.instance }));
            }
        }
        Ok(())
    }

    fn guest_to_refresh(
        &self,
        bearer: Option<&str>,
        instance: Result<Option<String>, Refusal>,
    ) -> Result<GuestIndex, Refusal> {
        let bearer = bearer.ok_or_else(Refusal::token_missing)?;
        if let Some(token) = self.tokens.get(bearer) {
            return Ok(token.guest);
        }
        if bearer != self.config.oauth_token {
            return Err(Refusal::token_unknown());
        }
        self.check_oauth(Some(bearer), REFRESH_SCOPE)?;
        match instance? {
            Some(instance) => {
                self.guests.find(&instance).ok_or_else(|| Refusal::instance_unknown(&instance))
            }
            None => self.newest_guest().ok_or_else(Refusal::guest_none),
        }
    }

    /// The newest living guest; when none lives, the newest that did.
    pub(super) fn newest_guest(&self) -> Option<GuestIndex> {
        let living = self.guests.iter().rfind(|(_, guest)| !guest.gone);
        living.or_else(|| self.guests.iter().next_back()).map(|(index, _)| index)
    }

    fn grant(&mut self, now: Now, guest: GuestIndex) -> Grant {
        let text = self.draw_uuid();
        let ttl = self.config.token_ttl;
        let token = Token { guest, expires_at: now.mono.saturating_add(ttl) };
        let older_end_at = now.mono.saturating_add(self.config.superseded_token_grace);
        self.tokens.issue(text.clone(), token, older_end_at);
        Grant {
            webchat_instance_id: self.guests[guest].instance.clone(),
            token: text,
            expires_in: ttl.as_secs(),
        }
    }
}
