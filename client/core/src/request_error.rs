//! What a request or a handshake can fail with.
//!
//! It refuses to look at bodies: a status and a machine code are all the machines ever decide on.

use super::retry_after::{self, Told};
use super::statuses::{self, Reaction};
use super::time::Wall;
use super::types::Why;

/// A request that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// No answer within the deadline.
    Timeout,
    /// The connection could not be made or broke before the answer.
    Network,
    /// A success whose body was not what the protocol promises.
    Malformed,
    /// The server answered with a refusal.
    Status {
        /// HTTP status, or the status in an error frame.
        status: u16,
        /// Machine code from the body; empty when there was none.
        code: String,
        /// `Retry-After` as sent.
        retry_after: Option<String>,
    },
}

impl RequestError {
    /// The reaction that it calls for.
    #[must_use]
    pub fn reaction(&self) -> Reaction {
        match self {
            Self::Status { status, code, .. } => statuses::reaction(*status, code),
            Self::Timeout | Self::Network | Self::Malformed => Reaction::Transient,
        }
    }

    /// The wait the server asked for.
    #[must_use]
    pub fn told(&self, wall: Wall) -> Told {
        match self {
            Self::Status { status, retry_after, .. } => {
                retry_after::honour(*status, retry_after.as_deref(), wall)
            }
            _ => Told { wait: std::time::Duration::ZERO, absurd: None },
        }
    }

    /// The status, when there was an answer.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The same as the reason for a wait.
    #[must_use]
    pub const fn why(&self) -> Why {
        match self {
            Self::Timeout => Why::Timeout,
            Self::Network => Why::Network,
            Self::Malformed => Why::Malformed,
            Self::Status { status, .. } => Why::Status(*status),
        }
    }
}
