//! What a client is started with, and what can be wrong with it.

use thiserror::Error;

use crate::core::outbox::OutboxConfig;
use crate::core::session::SessionConfig;

/// Everything a client needs to know before it starts.
#[derive(Clone, Default)]
pub struct Config {
    /// Scheme and authority of the cloud, such as `https://cloud`; a path prefix may follow.
    pub base_url: String,
    /// OAuth bearer token with the scope `webchat:guest:write`, used to create guests.
    pub oauth_token: String,
    /// Who the guest is.
    pub guest: GuestProfile,
    /// The numbers of the session.
    pub session: SessionConfig,
    /// The numbers of the outbox.
    pub outbox: OutboxConfig,
    /// Seed of message ids and jitter. In production it comes from the system's entropy; clients
    /// with the same seed draw the same jitter.
    pub seed: u64,
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("base_url", &self.base_url)
            .field("session", &self.session)
            .field("outbox", &self.outbox)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

/// Who the guest is, as shown to the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestProfile {
    /// Default `anonymous@local` (article 000).
    pub email: String,
    /// Default `Guest` (article 000).
    pub first_name: String,
    /// Default `User` (article 000).
    pub last_name: String,
}

impl Default for GuestProfile {
    fn default() -> Self {
        Self {
            email: "anonymous@local".into(),
            first_name: "Guest".into(),
            last_name: "User".into(),
        }
    }
}

/// Why a client cannot start.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StartError {
    /// The base URL is not one.
    #[error("base_url {0:?} is not an http or https URL with a host: use one like https://cloud")]
    BaseUrl(String),
    /// The OAuth token cannot be put into a header.
    #[error(
        "oauth_token is empty or has characters that no header may carry: set it to the bearer token alone"
    )]
    OauthToken,
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let url = self.base_url.parse::<awc::http::Uri>().ok();
        let usable = url.is_some_and(|url| {
            url.host().is_some() && matches!(url.scheme_str(), Some("http" | "https"))
        });
        if !usable {
            return Err(StartError::BaseUrl(self.base_url.clone()));
        }
        let token = &self.oauth_token;
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StartError::OauthToken);
        }
        Ok(())
    }

    /// For the client that a tab runs when it leads for the `run`th time: each draws its own jitter.
    #[must_use]
    pub fn of_run(&self, run: u64) -> Self {
        Self { seed: self.seed.wrapping_add(run), ..self.clone() }
    }
}
