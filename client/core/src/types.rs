//! What the application sees: states, outcomes, inbound messages and notices.
//!
//! Every `Display` here is a short stable text without message text or tokens: diagrams, snapshots
//! and logs are built from them.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Instant;

/// What the session is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A guest is being created, a token refreshed, or a socket opened.
    Connecting,
    /// The socket is open: online.
    Open,
    /// Between two tries.
    Waiting {
        /// When the next try starts.
        until: Instant,
        /// What the last try ended with.
        why: Why,
    },
    /// No further try will be made until the application asks to reconnect.
    Terminal(TerminalReason),
    /// Shut down; nothing will happen any more.
    Closed,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Open => f.write_str("open"),
            Self::Waiting { why, .. } => write!(f, "waiting: {why}"),
            Self::Terminal(reason) => write!(f, "terminal: {reason}"),
            Self::Closed => f.write_str("closed"),
        }
    }
}

/// Why the session waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// No answer within the deadline.
    Timeout,
    /// The connection could not be made or broke during the try.
    Network,
    /// An answer that was not what the protocol promises.
    Malformed,
    /// Refused for now, with this HTTP status.
    Status(u16),
    /// The open socket was closed with this code; 1006 when there was no close frame (RFC 6455).
    Closed(u16),
    /// The peer did not answer the probe.
    DeadPeer,
    /// The server no longer knows the guest.
    GuestGone,
    /// A wait from before is not over: of an earlier try, or of the client before this one.
    Earlier,
}

impl fmt::Display for Why {
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
        }
    }
}

/// Why no further try is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TerminalReason {
    /// 401 that a token refresh did not cure, or a 401 at guest creation: check the credentials.
    Unauthorized,
    /// 403: the account or guest may not do this.
    Forbidden,
    /// The server closed the socket with 1008 (policy violation).
    Policy,
    /// The server closed the socket with 4401 (session ended by the server).
    SessionEnded,
    /// The server refuses the request itself, with this 4xx status.
    Refused(u16),
    /// [`max_attempts`](crate::session::SessionConfig::max_attempts) tries in a row have failed.
    GaveUp(u32),
}

impl fmt::Display for TerminalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized => f.write_str("unauthorized"),
            Self::Forbidden => f.write_str("forbidden"),
            Self::Policy => f.write_str("closed 1008"),
            Self::SessionEnded => f.write_str("closed 4401"),
            Self::Refused(status) => write!(f, "refused {status}"),
            Self::GaveUp(attempts) => write!(f, "gave up after {attempts} attempts"),
        }
    }
}

/// How a message ended. Every message ends exactly once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The server has acknowledged it.
    Delivered,
    /// It will not be sent (again).
    Failed(Reason),
}

/// Why a message failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// Its time to live passed. If it was in flight at that moment the server may still have
    /// accepted it; it is not sent again and never reported as delivered afterwards.
    Expired,
    /// The server refuses this message for good.
    Refused {
        /// HTTP status, or the status of the error frame.
        status: u16,
        /// Machine code of the server; empty when it named none.
        code: String,
    },
    /// The outbox is full; send again once something has been delivered.
    BufferFull {
        /// Messages pending.
        messages: usize,
        /// Bytes of text pending.
        bytes: usize,
    },
    /// The text is longer than one message may be; split it.
    TooLong {
        /// Length of the text in bytes of UTF-8.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The server dropped the conversation it was written for.
    ConversationGone,
    /// The client was shut down first. What a tab has accepted stays in the store all the same, and
    /// another tab may still deliver it.
    ShutDown,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("expired"),
            Self::Refused { status, code } if code.is_empty() => write!(f, "refused {status}"),
            Self::Refused { status, code } => write!(f, "refused {status} {code}"),
            Self::BufferFull { messages, bytes } => {
                write!(f, "buffer full ({messages} messages, {bytes} bytes)")
            }
            Self::TooLong { bytes, limit } => write!(f, "too long ({bytes} of {limit} bytes)"),
            Self::ConversationGone => f.write_str("conversation gone"),
            Self::ShutDown => f.write_str("shut down"),
        }
    }
}

/// A message from the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// The server's message id; empty when a numbered message came without one.
    pub id: String,
    /// Position in the conversation, from 1; `None` from a server that does not number.
    pub sequence: Option<u64>,
    /// What the agent wrote.
    pub text: String,
}

/// Something the application may want to know and need not act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A server asked for a wait beyond the bound.
    RetryAfterAbsurd {
        /// What it asked for.
        asked: Duration,
        /// What is waited instead.
        honoured: Duration,
    },
    /// The old guest is gone and the conversation goes on as a new one.
    GuestReplaced {
        /// `webchatInstanceId` of the guest that is gone.
        old: String,
        /// `webchatInstanceId` of the new guest.
        new: String,
    },
    /// A token came with no usable life time; this one is assumed.
    ExpiryAssumed(Duration),
    /// A frame of a type this client does not know.
    UnknownFrame(String),
    /// A frame that could not be read, and why.
    MalformedFrame(String),
    /// An error frame that belongs to no message.
    ServerError {
        /// Status in the frame.
        status: u16,
        /// Machine code in the frame.
        code: String,
    },
    /// The server refuses the message history with this status; not asked again on this socket.
    HistoryRefused(u16),
    /// The server's numbering has a hole: nothing between these two exists.
    SequenceGap {
        /// Last sequence before the hole.
        after: u64,
        /// First sequence behind it.
        before: u64,
    },
    /// The journal could not be read or written; the client goes on in memory.
    JournalFailed(String),
    /// This subscriber read too slowly and missed this many events.
    EventsMissed(u64),
    /// Something the tabs share cannot be used, and this is what the tab does about it.
    Degraded {
        /// What is missing.
        what: Feature,
        /// Why.
        why: String,
    },
    /// The tabs' store could not be written; what it should hold is kept in memory.
    StoreFailed(String),
    /// A record of the tabs' store cannot be read; it is left where it is.
    MalformedRecord {
        /// Its key.
        key: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something was said on the tabs' channel that is none of ours.
    BusIgnored(String),
    /// This tab held the connection and has let go of it at once.
    LeadLost(String),
}

/// Something that tabs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// What they remember together; without it each tab has a guest and a socket of its own.
    Store,
    /// Who may lead; without it each tab has a guest and a socket of its own.
    Locks,
    /// How they talk; without it each tab has a guest and a socket of its own.
    Channel,
    /// The service worker; without it the tabs lose nothing, but nothing works while none is open.
    Worker,
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

/// Which tab holds the connection, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The tab's identity.
    pub tab: String,
    /// The epoch it holds it in; 0 for a tab on its own.
    pub epoch: u64,
    /// Why it is this tab.
    pub because: Because,
}

/// Why a tab holds the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// Nobody had it.
    First,
    /// The user looks at it.
    Focused,
    /// Whoever had it has gone.
    LeaderLeft,
    /// Whoever had it was not heard of any more.
    LeaderSilent,
    /// The tabs cannot share one: each has its own.
    Alone,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::First => "nobody had it",
            Self::Focused => "the user looks at it",
            Self::LeaderLeft => "the leader has gone",
            Self::LeaderSilent => "the leader is silent",
            Self::Alone => "on its own",
        })
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RetryAfterAbsurd { asked, honoured } => {
                write!(f, "retry-after of {asked:?} cut to {honoured:?}")
            }
            Self::GuestReplaced { .. } => f.write_str("guest replaced"),
            Self::ExpiryAssumed(life) => write!(f, "token life assumed to be {life:?}"),
            Self::UnknownFrame(kind) => write!(f, "unknown frame {kind:?}"),
            Self::MalformedFrame(detail) => write!(f, "malformed frame: {detail}"),
            Self::ServerError { status, code } => write!(f, "server error {status} {code}"),
            Self::HistoryRefused(status) => write!(f, "history refused {status}"),
            Self::SequenceGap { after, before } => {
                write!(f, "no message between {after} and {before}")
            }
            Self::JournalFailed(detail) => write!(f, "journal failed: {detail}"),
            Self::EventsMissed(count) => write!(f, "{count} events missed"),
            Self::Degraded { what, why } => write!(f, "without {what}: {why}"),
            Self::StoreFailed(detail) => write!(f, "store failed: {detail}"),
            Self::MalformedRecord { key, why } => write!(f, "record {key} left alone: {why}"),
            Self::BusIgnored(why) => write!(f, "channel message ignored: {why}"),
            Self::LeadLost(why) => write!(f, "lead lost: {why}"),
        }
    }
}

/// What a subscriber sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The session changed its state.
    State(State),
    /// The server has acknowledged a message.
    Delivered {
        /// Its idempotency key.
        id: Uuid,
    },
    /// A message will not be delivered.
    Failed {
        /// Its idempotency key.
        id: Uuid,
        /// Why.
        reason: Reason,
    },
    /// The agent wrote something; each message once, in order.
    Inbound(Inbound),
    /// A tab has stored a message: it will be delivered or reported as failed, whatever becomes of
    /// the tab. Only a tab says so; a client without tabs has journalled when `send` returns.
    Accepted {
        /// Its idempotency key.
        id: Uuid,
    },
    /// Another tab, or none that is known, holds the connection. Only a tab says so.
    Holder(Option<Holder>),
    /// Something worth knowing.
    Notice(Notice),
}

impl Event {
    /// That a message has ended.
    #[must_use]
    pub fn settled(id: Uuid, outcome: Outcome) -> Self {
        match outcome {
            Outcome::Delivered => Self::Delivered { id },
            Outcome::Failed(reason) => Self::Failed { id, reason },
        }
    }

    /// Which message has ended, and how.
    #[must_use]
    pub fn outcome(&self) -> Option<(Uuid, Outcome)> {
        match self {
            Self::Delivered { id } => Some((*id, Outcome::Delivered)),
            Self::Failed { id, reason } => Some((*id, Outcome::Failed(reason.clone()))),
            _ => None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => write!(f, "state {state}"),
            Self::Delivered { id } => write!(f, "delivered {id}"),
            Self::Failed { id, reason } => write!(f, "failed {id}: {reason}"),
            Self::Inbound(Inbound { sequence: Some(sequence), .. }) => {
                write!(f, "inbound {sequence}")
            }
            Self::Inbound(Inbound { id, .. }) => write!(f, "inbound {id}"),
            Self::Accepted { id } => write!(f, "accepted {id}"),
            Self::Holder(Some(Holder { tab, epoch, because })) => {
                write!(f, "tab {tab} holds the connection in epoch {epoch}: {because}")
            }
            Self::Holder(None) => f.write_str("no tab holds the connection"),
            Self::Notice(notice) => write!(f, "notice {notice}"),
        }
    }
}
