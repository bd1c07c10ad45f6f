//! What a fault can strike, and the endpoints by which a rule chooses among it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which requests a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
    /// A message of the agent on its way to a socket.
    Agent,
    /// Whatever the fault has a meaning for.
    Any,
}

impl Endpoint {
    /// Every one, in the order in which they are explained.
    pub const ALL: [Self; 7] = [
        Self::Guests,
        Self::Refresh,
        Self::Socket,
        Self::Messages,
        Self::History,
        Self::Agent,
        Self::Any,
    ];
}

/// As in JSON and in plans.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guests => "guests",
            Self::Refresh => "refresh",
            Self::Socket => "socket",
            Self::Messages => "messages",
            Self::History => "history",
            Self::Agent => "agent",
            Self::Any => "any",
        })
    }
}

/// One request, frame or connection that a fault may strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Guests,
    Refresh,
    Handshake,
    MessageByRest,
    MessageBySocket,
    History,
    Preflight,
    /// A message of the agent on its way to a socket.
    Agent,
    Ping,
    /// A connection that was accepted.
    Connection,
}

use Occasion::{
    Agent, Guests, Handshake, History, MessageByRest, MessageBySocket, Preflight, Refresh,
};

/// What a client asks and waits for.
pub(super) const REQUESTS: &[Occasion] =
    &[Guests, Refresh, Handshake, MessageByRest, MessageBySocket, History];
/// What is answered over HTTP.
pub(super) const HTTP: &[Occasion] =
    &[Guests, Refresh, Handshake, MessageByRest, History, Preflight];
/// What is answered over HTTP with a body.
pub(super) const BODIES: &[Occasion] = &[Guests, Refresh, MessageByRest, History];
/// A message of the guest.
pub(super) const MESSAGES: &[Occasion] = &[MessageByRest, MessageBySocket];
/// What ends in a frame to the client.
pub(super) const FRAMES: &[Occasion] = &[MessageBySocket, Agent];
/// A message of the guest on a socket.
pub(super) const SOCKET_MESSAGES: &[Occasion] = &[MessageBySocket];
/// A message of the agent on its way to a socket.
pub(super) const AGENT_MESSAGES: &[Occasion] = &[Agent];
/// The handshake of a socket.
pub(super) const HANDSHAKES: &[Occasion] = &[Handshake];
/// A ping of the client.
pub(super) const PINGS: &[Occasion] = &[Occasion::Ping];
/// A browser asks whether it may.
pub(super) const PREFLIGHTS: &[Occasion] = &[Preflight];
/// A connection that was accepted.
pub(super) const CONNECTIONS: &[Occasion] = &[Occasion::Connection];
/// What grants a token.
pub(super) const GRANTS: &[Occasion] = &[Guests, Refresh];

impl Occasion {
    /// The endpoint where it is; `Any` where it is at none of its own.
    pub(super) fn endpoint(self) -> Endpoint {
        match self {
            Guests => Endpoint::Guests,
            Refresh => Endpoint::Refresh,
            Handshake => Endpoint::Socket,
            MessageByRest | MessageBySocket => Endpoint::Messages,
            History => Endpoint::History,
            Agent => Endpoint::Agent,
            Preflight | Self::Ping | Self::Connection => Endpoint::Any,
        }
    }

    pub(super) fn is_at(self, endpoint: Endpoint) -> bool {
        endpoint == Endpoint::Any || self.endpoint() == endpoint
    }

    /// What it is, for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Guests => "creating a guest",
            Refresh => "refreshing a token",
            Handshake => "a handshake",
            MessageByRest => "a message by REST",
            MessageBySocket => "a message by socket",
            History => "reading history",
            Preflight => "a preflight",
            Agent => "a message of the agent",
            Self::Ping => "a ping",
            Self::Connection => "a connection",
        }
    }
}
