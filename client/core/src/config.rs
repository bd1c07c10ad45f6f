//! What a client is started with.

use crate::outbox::OutboxConfig;
use crate::session::SessionConfig;

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

impl Config {
    /// For the client that a tab runs when it leads for the `run`th time: each draws its own jitter.
    #[must_use]
    pub fn of_run(&self, run: u64) -> Self {
        Self { seed: self.seed.wrapping_add(run), ..self.clone() }
    }
}
