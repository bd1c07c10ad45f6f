//! Waits that outlive the client that was told them: they are remembered by the wall clock, and the
//! next client of the same guest goes on with what is left of them.
//!
//! It refuses to trust the wall clock further than the longest wait there is: one that was set back
//! makes nobody wait longer than the server could have asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::retry_after::MAX_HONOURED;
use super::time::Wall;

/// What a server can ask to be left alone at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Call {
    /// Creating a guest.
    Guests,
    /// Refreshing a token.
    Refresh,
    /// Opening a socket.
    Socket,
    /// Sending messages, on either route.
    Messages,
    /// Fetching missed messages.
    History,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Guests, Self::Refresh, Self::Socket, Self::Messages, Self::History];

    /// A short stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Guests => "guests",
            Self::Refresh => "refresh",
            Self::Socket => "socket",
            Self::Messages => "messages",
            Self::History => "history",
        }
    }
}

/// The waits of one guest as they are remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    /// Until when a server asked to be left alone, by call. What has passed is no harm.
    pub not_before: BTreeMap<Call, Wall>,
    /// Connection tries that have failed in a row.
    pub failures: u32,
    /// When the next try was to be made.
    pub until_wall: Wall,
}

impl Waits {
    /// What is left of the wait for a call.
    #[must_use]
    pub fn told_left(&self, call: Call, wall: Wall) -> Duration {
        let until = self.not_before.get(&call).copied().unwrap_or_default();
        until.since(wall).min(MAX_HONOURED)
    }

    /// What is left of the wait between two tries, which is never longer than `cap`.
    #[must_use]
    pub fn backoff_left(&self, wall: Wall, cap: Duration) -> Duration {
        self.until_wall.since(wall).min(cap)
    }
}
