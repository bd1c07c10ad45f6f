//! What can be seen: one event, on one lane, at one moment.
//!
//! Nothing in here differs between two runs of one plan: no token, no mask, no `Date`, no order of
//! headers. Messages carry the names that the log gives them (`m1` typed first, `a1` said first).

use std::time::Duration;
use std::{fmt, io};

pub use holdline_browser::{TabEvent as Life, letter};
use serde::Serialize;

use super::conditions::{BrowserChange, Cut, Fault, Host};
use super::message::Message;
use super::reports::{Failure, Feature, FollowReason, LeadReason, Notice, State, Wish};
use super::text::serialize_as_text;

/// Who saw it. As a text: `client`, `proxy`, `cloud`, `net`, `tab-a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// The client host: its user, its sockets, its notices.
    Client,
    /// The proxy between.
    Proxy,
    /// The mock cloud: its sockets and its core.
    Cloud,
    /// The network itself: faults and the phases of a run.
    Net,
    /// A tab of the browser on the client host, from 0: its user, its sockets, its notices.
    Tab(u8),
}

impl Lane {
    /// Whether a client under test lives here: the only one, or a tab's.
    #[must_use]
    pub fn is_client(self) -> bool {
        matches!(self, Self::Client | Self::Tab(_))
    }

    /// The tab it belongs to.
    #[must_use]
    pub fn tab(self) -> Option<u8> {
        match self {
            Self::Tab(tab) => Some(tab),
            _ => None,
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// Virtual time since the beginning, whole milliseconds.
    #[serde(serialize_with = "as_millis")]
    pub at: Duration,
    /// Who saw it.
    pub lane: Lane,
    /// What it was.
    #[serde(flatten)]
    pub kind: Kind,
}

/// Which door of the cloud a request knocks at. Rate limits and Retry-After go by door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// `POST .../webchat/guests`.
    Guests,
    /// `POST .../conversations/messaging/guests`.
    Refresh,
    /// `GET .../websocket`.
    Socket,
    /// `POST .../messages`.
    Messages,
    /// `GET .../messages`.
    History,
    /// Anything else.
    Other,
}

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The peer's FIN was read.
    Fin,
    /// The peer's RST was read.
    Rst,
    /// The kernel gave up repeating.
    TimedOut,
    /// This end let go of it.
    Own,
    /// This end let go of it with RST.
    OwnRst,
}

/// Why a connection did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectError {
    /// This end stopped waiting for it.
    GivenUp,
    /// The network reported this.
    Io(io::ErrorKind),
}

/// How a message reached the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// As a frame on a socket.
    Socket,
    /// As a POST.
    Rest,
}

/// A WebSocket frame, as far as the articles' protocol goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Frame {
    /// A guest's message.
    Message(Message),
    /// `messageReceived`.
    Ack(Message),
    /// An agent's message.
    Agent(Message),
    /// An error frame.
    Error {
        /// Status it carries.
        status: u16,
        /// Machine-readable code.
        code: String,
        /// The message it is about.
        message: Option<Message>,
        /// Seconds to wait, where it says so.
        retry_after: Option<String>,
    },
    /// Ping.
    Ping,
    /// Pong.
    Pong,
    /// Close, with its code.
    Close(Option<u16>),
    /// Anything else, by its beginning.
    Other(String),
}

/// What an event is. `conn` numbers the connections of a lane, from 1.
#[expect(missing_docs, reason = "every variant says what its few, plainly named fields are about")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Kind {
    // --- streams, as the two ends see them ---
    /// The client begins to connect.
    Connecting { conn: u32 },
    /// The connection stands.
    Connected { conn: u32 },
    /// It does not.
    ConnectFailed { conn: u32, error: ConnectError },
    /// A request leaves (client) or arrives (cloud).
    Request { conn: u32, endpoint: Endpoint, message: Option<Message> },
    /// An answer leaves (cloud) or arrives (client).
    Answer {
        conn: u32,
        endpoint: Endpoint,
        status: u16,
        retry_after: Option<String>,
        message: Option<Message>,
    },
    /// A frame leaves.
    FrameOut { conn: u32, frame: Frame },
    /// A frame arrives.
    FrameIn { conn: u32, frame: Frame },
    /// Bytes arrive that do not yet make a frame; told at most once a second.
    Partial { conn: u32 },
    /// A stream is over for this end.
    Ended { conn: u32, end: End },

    // --- the user and the application ---
    /// The user typed a message. A single client has accepted it with that; in a tab it is promised
    /// to nobody before [`Kind::Accepted`].
    Typed { message: Message, bytes: usize },
    /// A tab's `send` has stored the message durably.
    Accepted { message: Message },
    /// The receipt said delivered.
    Delivered { message: Message },
    /// The receipt said failed.
    Failed { message: Message, reason: Failure },
    /// An agent's message was shown.
    Shown { message: Message },
    /// The client says what it does.
    State { state: State },
    /// The client reports something.
    Notice {
        #[serde(rename = "text")]
        notice: Notice,
    },
    /// The user asked for something else.
    Asked { what: Wish },
    /// The client says that it holds nothing any more.
    ShutDown,

    // --- tabs ---
    /// Something becomes of the tab.
    Life { life: Life },
    /// The tab holds the connection from now on, and why.
    Leads { epoch: u64, why: LeadReason },
    /// The tab holds it no more, and why.
    Follows { why: FollowReason },
    /// The tab reports that the browser lacks something, and why.
    Degraded { what: Feature, why: String },
    /// The tab took this epoch.
    Claimed { epoch: u64 },
    /// The tab wrote to the store as of `epoch`, when the store was at `stored`.
    Wrote { epoch: u64, stored: u64, accepted: bool },

    // --- the cloud's own truth ---
    /// A message is in the conversation.
    Stored {
        guest: u32,
        message: Message,
        #[serde(rename = "road")]
        route: Route,
    },
    /// The same id came again and was not stored again.
    Duplicate {
        message: Message,
        #[serde(rename = "road")]
        route: Route,
    },
    /// A message was refused.
    Refused { message: Option<Message>, code: String },
    /// The agent said something to a guest; a log made by hand need not say to whom.
    Said {
        message: Message,
        #[serde(skip_serializing_if = "Option::is_none")]
        guest: Option<u32>,
    },
    /// A guest was created.
    GuestCreated { guest: u32 },
    /// A guest's token was refreshed.
    TokenRefreshed { guest: u32 },
    /// A guest is gone.
    GuestGone { guest: u32 },
    /// The server has one more open socket of the guest.
    SocketOpened { guest: u32, socket: u64 },
    /// And one fewer.
    SocketClosed { guest: u32, socket: u64 },
    /// An armed fault fired.
    Fired {
        /// The name of its kind, as the cloud's catalogue of faults has it.
        #[serde(skip)]
        kind: &'static str,
        fault: String,
    },

    // --- the world ---
    /// The proxy cut a connection.
    Cut { how: Cut },
    /// A fault begins or ends.
    Fault { what: Fault, on: bool },
    /// A host stopped or started.
    Host { host: Host, up: bool },
    /// Something becomes of the browser as a whole.
    World { what: BrowserChange },
    /// Every fault is healed: the second phase of the run begins.
    Healed,
    /// Everything is delivered and quiet.
    Quiet,
}

impl Kind {
    /// Its name, as a log has it: `frame-in`.
    #[must_use]
    pub fn name(&self) -> String {
        let value = serde_json::to_value(self).expect("an event is plain data");
        value["event"].as_str().expect("a kind is tagged with its name").to_owned()
    }

    /// The message it is about.
    #[must_use]
    pub fn message(&self) -> Option<Message> {
        match self {
            Self::Request { message, .. }
            | Self::Answer { message, .. }
            | Self::Refused { message, .. } => *message,
            Self::FrameOut { frame, .. } | Self::FrameIn { frame, .. } => match frame {
                Frame::Message(message) | Frame::Ack(message) | Frame::Agent(message) => {
                    Some(*message)
                }
                Frame::Error { message, .. } => *message,
                Frame::Ping | Frame::Pong | Frame::Close(_) | Frame::Other(_) => None,
            },
            Self::Typed { message, .. }
            | Self::Accepted { message }
            | Self::Delivered { message }
            | Self::Failed { message, .. }
            | Self::Shown { message }
            | Self::Stored { message, .. }
            | Self::Duplicate { message, .. }
            | Self::Said { message, .. } => Some(*message),
            _ => None,
        }
    }

    /// The connection it is about.
    #[must_use]
    pub fn conn(&self) -> Option<u32> {
        match self {
            Self::Connecting { conn }
            | Self::Connected { conn }
            | Self::ConnectFailed { conn, .. }
            | Self::Request { conn, .. }
            | Self::Answer { conn, .. }
            | Self::FrameOut { conn, .. }
            | Self::FrameIn { conn, .. }
            | Self::Partial { conn }
            | Self::Ended { conn, .. } => Some(*conn),
            _ => None,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client => f.write_str("client"),
            Self::Proxy => f.write_str("proxy"),
            Self::Cloud => f.write_str("cloud"),
            Self::Net => f.write_str("net"),
            Self::Tab(tab) => write!(f, "tab-{}", letter(*tab).to_ascii_lowercase()),
        }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::GivenUp => f.write_str("given up"),
            Self::Io(kind) => write!(f, "{kind:?}"),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Socket => "socket",
            Self::Rest => "rest",
        })
    }
}

serialize_as_text!(Lane, ConnectError, Route);

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guests => "create guest",
            Self::Refresh => "refresh token",
            Self::Socket => "open socket",
            Self::Messages => "POST",
            Self::History => "history",
            Self::Other => "?",
        })
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) | Self::Agent(message) => message.fmt(f),
            Self::Ack(message) => write!(f, "ack {message}"),
            Self::Error { status, message, retry_after, .. } => {
                write!(f, "error {status}")?;
                if let Some(message) = message {
                    write!(f, " {message}")?;
                }
                if let Some(after) = retry_after {
                    write!(f, " after {after}")?;
                }
                Ok(())
            }
            Self::Ping => f.write_str("ping"),
            Self::Pong => f.write_str("pong"),
            Self::Close(Some(code)) => write!(f, "close {code}"),
            Self::Close(None) => f.write_str("close"),
            Self::Other(text) => write!(f, "? {text}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fin => "FIN",
            Self::Rst => "RST",
            Self::TimedOut => "TIMED OUT",
            Self::Own => "closed",
            Self::OwnRst => "closed with RST",
        })
    }
}

fn as_millis<S: serde::Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_millis() as u64)
}
