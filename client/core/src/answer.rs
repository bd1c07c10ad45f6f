//! What a request or a handshake can come back with, and which of the few reactions it calls for.
//!
//! It refuses to look at bodies: a status and a machine code are all the machines ever decide on.

use super::retry_after::{self, Told};
use super::time::Wall;
use super::types::Why;

/// A request that did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
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

/// The reaction a [`Fault`] calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Try again later.
    Transient,
    /// 401: the credentials are not (or no longer) good.
    Unauthorized,
    /// 403: the credentials are good and still not enough.
    Forbidden,
    /// 410, or 404 with a code that names the guest: the guest is gone.
    Gone,
    /// Any other 4xx: this very request will never succeed.
    Refused,
}

/// Machine codes with which a 404 is about the guest.
const GONE_CODES: [&str; 3] = ["guest.gone", "guest.none", "instance.unknown"];

impl Fault {
    /// Sorts the fault. 408, 425 and 429 are transient although they are 4xx, and so is a 404 that
    /// does not say that it is the guest who is unknown.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let Self::Status { status, code, .. } = self else { return Verdict::Transient };
        match *status {
            401 => Verdict::Unauthorized,
            403 => Verdict::Forbidden,
            410 => Verdict::Gone,
            404 if GONE_CODES.contains(&code.as_str()) => Verdict::Gone,
            // Any proxy or portal on the way can say 404; that ends no conversation.
            404 | 408 | 425 | 429 => Verdict::Transient,
            400..=499 => Verdict::Refused,
            _ => Verdict::Transient,
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
