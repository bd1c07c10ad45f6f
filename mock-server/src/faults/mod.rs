//! What can go wrong on purpose: one file per fault, each saying what it is called and how it
//! bends a request. A fault refuses to be random: a rule names the occurrence it hits.

mod ack_delayed;
mod ack_doubled;
mod ack_dropped_after_accept;
mod ack_dropped_before_accept;
mod answer;
mod board;
mod close;
mod swallow_handshake;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::{Delivery, Now, Refusal};

pub use board::FaultId;
pub(crate) use board::{Board, Occasion};

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// To which requests.
    pub endpoint: Endpoint,
    /// The first matching occurrence that is hit, 1-based, counted from arming; 0 is taken as 1.
    pub nth: u64,
    /// How many in a row are hit; `u64::MAX` is all of them.
    pub count: u64,
}

/// Which requests a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// Creating a guest.
    Guests,
    /// Refreshing a token.
    Refresh,
    /// The handshake of a socket.
    Socket,
    /// A message that can be read, by POST or as a socket frame.
    Messages,
    /// Reading history.
    History,
    /// What a browser asks before it sends a request to another origin.
    Preflight,
    /// All of these but preflights.
    Any,
}

/// What goes wrong. Where a fault has no meaning it neither strikes nor counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Answer this instead of handling the request; a socket frame gets it as an error frame.
    Answer {
        /// The HTTP status, 200 to 599; anything else is sent as 500.
        status: u16,
        /// When to come back.
        retry_after: RetryAfter,
    },
    /// Never answer the handshake. Only handshakes.
    SwallowHandshake,
    /// The request is neither handled nor answered: a message is not stored.
    AckDroppedBeforeAccept,
    /// The request is handled and never answered: a message is stored, a guest exists.
    AckDroppedAfterAccept,
    /// The request is handled at once and answered later.
    AckDelayed {
        /// How much later.
        by: Duration,
    },
    /// The acknowledgement is sent twice. Only socket frames: an HTTP request has one answer.
    AckDoubled,
    /// The request is not handled and the connection ends. On a socket with this close code, a
    /// handshake is completed first; 1006 drops the connection without a close frame, and so
    /// does any code where there is no socket.
    Close {
        /// The close code.
        code: u16,
    },
}

/// When a faulty answer says to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryAfter {
    /// It does not say.
    Absent,
    /// In so many seconds.
    Seconds(u64),
    /// At the HTTP date that is this far from now, rounded up to whole seconds.
    Date(Duration),
    /// Exactly this text.
    Raw(String),
}

/// What a fault makes of a request.
pub(crate) enum Bend {
    /// It is handled; its answer is delivered so.
    Handle(Delivery),
    /// It is not handled and gets this answer.
    Refuse(Refusal),
    /// It is not handled and gets no answer.
    Ignore,
    /// It is not handled and its connection ends.
    Close(u16),
}

impl Fault {
    pub(crate) fn bend(&self, now: Now) -> Bend {
        match self {
            Self::Answer { status, retry_after } => answer::bend(now, *status, retry_after),
            Self::SwallowHandshake => swallow_handshake::bend(),
            Self::AckDroppedBeforeAccept => ack_dropped_before_accept::bend(),
            Self::AckDroppedAfterAccept => ack_dropped_after_accept::bend(),
            Self::AckDelayed { by } => ack_delayed::bend(*by),
            Self::AckDoubled => ack_doubled::bend(),
            Self::Close { code } => close::bend(*code),
        }
    }

    fn has_meaning_at(&self, occasion: Occasion) -> bool {
        match self {
            Self::SwallowHandshake => swallow_handshake::has_meaning_at(occasion),
            Self::AckDoubled => ack_doubled::has_meaning_at(occasion),
            _ => true,
        }
    }
}

/// The stable name of a fault, as events and diagrams show it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, retry_after } => answer::name(*status, retry_after, f),
            Self::SwallowHandshake => f.write_str(swallow_handshake::NAME),
            Self::AckDroppedBeforeAccept => f.write_str(ack_dropped_before_accept::NAME),
            Self::AckDroppedAfterAccept => f.write_str(ack_dropped_after_accept::NAME),
            Self::AckDelayed { by } => ack_delayed::name(*by, f),
            Self::AckDoubled => f.write_str(ack_doubled::NAME),
            Self::Close { code } => close::name(*code, f),
        }
    }
}
