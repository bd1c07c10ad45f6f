//! What pages and the worker say to each other, and why there may be no worker to talk to.

use std::fmt;

use thiserror::Error;

/// The payload of the message `SYNC_TOKEN`. Its `Debug` does not show the token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SyncToken {
    /// The guest with its token, as text.
    pub token: String,
    /// The epoch it was written in; an older one than that of the copy is refused.
    pub epoch: u64,
    /// The connection's state, if the page says so.
    pub connection_state: Option<String>,
    /// Ids of messages that were processed.
    pub processed: Vec<String>,
}

impl fmt::Debug for SyncToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncToken")
            .field("epoch", &self.epoch)
            .field("connection_state", &self.connection_state)
            .field("processed", &self.processed)
            .finish_non_exhaustive()
    }
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `TOKEN_SYNCED`: the copy is durable.
    TokenSynced {
        /// Always true; the article's message has it.
        success: bool,
    },
    /// `TOKEN_SYNC_FAILED`: nothing was written.
    TokenSyncFailed {
        /// Why.
        error: String,
    },
}

/// The worker cannot be used at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WorkerError {
    /// The page's origin is not secure.
    #[error("SecurityError: a service worker needs https or localhost; serve the page that way")]
    Insecure,
    /// The browser has none.
    #[error("this browser offers no service workers here")]
    Unsupported,
    /// Nobody has registered it.
    #[error("no service worker is registered; register it first")]
    NotRegistered,
}
