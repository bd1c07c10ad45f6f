//! What a client reports to its application, and what its user asks of it, as data. The log writes
//! each as the text that people read.
//!
//! Refuses to know a particular client: what only one of them says is `Other`, a text that nobody
//! compares.

use std::fmt;
use std::time::Duration;

use super::text::serialize_as_text;

/// What a client says of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A guest is being created, a token refreshed, or a socket opened.
    Connecting,
    /// The socket is open.
    Open,
    /// Between two tries, and why; a client need not say.
    Waiting(Option<Wait>),
    /// No further try unless the user asks for one.
    Terminal(Terminal),
    /// The session is over.
    Closed,
}

/// Why a client waits before the next try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// No answer within the deadline.
    Timeout,
    /// The connection could not be made, or broke during the try.
    Network,
    /// An answer that could not be read.
    Malformed,
    /// Refused with this HTTP status.
    Status(u16),
    /// The open socket was closed with this code; 1006 without a close frame.
    Closed(u16),
    /// The peer did not answer the probe.
    DeadPeer,
    /// The server no longer knows the guest.
    GuestGone,
    /// A wait from before is not over.
    Earlier,
    /// In the client's own words.
    Other(String),
}

/// Why a client makes no further try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// 401 that a refresh did not cure.
    Unauthorized,
    /// 403.
    Forbidden,
    /// The server closed the socket with this code, which ends the session.
    Closed(u16),
    /// The server refuses the request itself, with this status.
    Refused(u16),
    /// So many tries in a row have failed.
    GaveUp(u32),
}

/// Why a message was reported failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Its time to live is over.
    Expired,
    /// The server refused it.
    Refused {
        /// HTTP status, or that of the error frame.
        status: u16,
        /// The server's machine-readable code; empty if there was none.
        code: String,
    },
    /// The server refused it as often as the client tries; the last answer, in the client's words.
    RefusedRepeatedly(String),
    /// The outbox had no room.
    BufferFull {
        /// Messages pending.
        messages: usize,
        /// Bytes of text pending.
        bytes: usize,
    },
    /// It is longer than a message may be.
    TooLong {
        /// Its length.
        bytes: usize,
        /// The most that is allowed.
        limit: usize,
    },
    /// The conversation that it was written for is gone.
    ConversationGone,
    /// The client was shut down first.
    ShutDown,
    /// In the client's own words.
    Other(String),
}

/// Something that a client reports beside states and outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A server asked for a wait that is longer than the client allows.
    RetryAfterCut {
        /// The wait that it asked for.
        asked: Duration,
        /// The wait that the client keeps to.
        honoured: Duration,
    },
    /// The service worker could not be given a copy of the guest, and why.
    WorkerMissed(String),
    /// In the client's own words.
    Other(String),
}

/// Something that tabs share, and that a browser may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// `IndexedDB`.
    Store,
    /// Web Locks.
    Locks,
    /// `BroadcastChannel`.
    Channel,
    /// The service worker.
    Worker,
}

impl Feature {
    /// Whether a tab without it runs with a guest and a socket of its own.
    #[must_use]
    pub fn sets_apart(self) -> bool {
        self != Self::Worker
    }
}

/// Why a tab holds the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadReason {
    /// No tab had it.
    First,
    /// It has the focus.
    Focused,
    /// The tab that had it is gone.
    LeaderLeft,
    /// The tab that had it was not heard of any more.
    LeaderSilent,
    /// The tabs cannot share one.
    Alone,
    /// In the client's own words.
    Other(&'static str),
}

/// Why a tab holds the connection no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FollowReason {
    /// Another tab has it.
    OtherLeads {
        /// The identity of that tab.
        tab: String,
        /// Why it has it.
        why: LeadReason,
    },
    /// No tab is known to have it.
    NobodyLeads,
    /// In the client's own words.
    Other(String),
}

/// What a user asks of a client beside sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To try again now.
    Reconnect,
    /// To end in good order.
    ShutDown,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Open => f.write_str("open"),
            Self::Waiting(None) => f.write_str("waiting"),
            Self::Waiting(Some(why)) => write!(f, "waiting: {why}"),
            Self::Terminal(why) => write!(f, "terminal: {why}"),
            Self::Closed => f.write_str("closed"),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::Network => f.write_str("network"),
            Self::Malformed => f.write_str("malformed answer"),
            Self::Status(status) => write!(f, "status {status}"),
            Self::Closed(code) => write!(f, "closed {code}"),
            Self::DeadPeer => f.write_str("dead peer"),
            Self::GuestGone => f.write_str("guest gone"),
            Self::Earlier => f.write_str("earlier wait"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("unauthorized"),
            Self::Forbidden => f.write_str("forbidden"),
            Self::Closed(code) => write!(f, "closed {code}"),
            Self::Refused(status) => write!(f, "refused {status}"),
            Self::GaveUp(tries) => write!(f, "gave up after {tries} attempts"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("expired"),
            Self::Refused { status, code } if code.is_empty() => write!(f, "refused {status}"),
            Self::Refused { status, code } => write!(f, "refused {status} {code}"),
            Self::RefusedRepeatedly(last) => write!(f, "refused: {last}"),
            Self::BufferFull { messages, bytes } => {
                write!(f, "buffer full ({messages} messages, {bytes} bytes)")
            }
            Self::TooLong { bytes, limit } => write!(f, "too long ({bytes} of {limit} bytes)"),
            Self::ConversationGone => f.write_str("conversation gone"),
            Self::ShutDown => f.write_str("shut down"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RetryAfterCut { asked, honoured } => {
                write!(f, "retry-after of {asked:?} cut to {honoured:?}")
            }
            Self::WorkerMissed(why) => write!(f, "the worker has no copy of the guest: {why}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "store",
            Self::Locks => "locks",
            Self::Channel => "channel",
            Self::Worker => "worker",
        })
    }
}

impl fmt::Display for LeadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "nobody had it",
            Self::Focused => "the user looks at it",
            Self::LeaderLeft => "the leader has gone",
            Self::LeaderSilent => "the leader is silent",
            Self::Alone => "on its own",
            Self::Other(text) => text,
        })
    }
}

impl fmt::Display for FollowReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherLeads { tab, why } => write!(f, "{tab} leads: {why}"),
            Self::NobodyLeads => f.write_str("nobody leads"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reconnect => "reconnect",
            Self::ShutDown => "shut down",
        })
    }
}

serialize_as_text!(State, Failure, Notice, Feature, LeadReason, FollowReason, Wish);
