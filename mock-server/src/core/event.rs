//! The ground truth of the cloud, as events. Texts and tokens stay out of it.

use std::fmt;

/// The way a message reached the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// A frame on a socket.
    Socket,
    /// A REST request.
    Rest,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Socket => "socket",
            Self::Rest => "rest",
        })
    }
}

/// A guest's message as the conversation holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The `messageId` the guest gave it.
    pub id: String,
    /// Its text.
    pub content: String,
    /// The route of its first acceptance.
    pub route: Route,
}

/// Something that became true in the cloud. `guest` is always a `webchatInstanceId`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named as on the wire")]
pub enum CloudEvent {
    /// A guest and its conversation exist.
    GuestCreated { guest: String },
    /// A guest was given a new token.
    TokenRefreshed { guest: String },
    /// A guest was forgotten or expired; everything it asks is answered with 410.
    GuestGone { guest: String },
    /// A message is in the conversation, for the first time.
    MessageStored { guest: String, message_id: String, route: Route },
    /// A message that is in the conversation came again; it is acknowledged and not stored.
    DuplicateIgnored { guest: String, message_id: String, route: Route },
    /// A message was refused with this machine code.
    MessageRefused { guest: String, message_id: Option<String>, code: String },
    /// The agent said something.
    AgentSaid { guest: String, message_id: String, sequence: u64 },
    /// A socket is open.
    SocketOpened { guest: String, socket: u64 },
    /// A socket is no more.
    SocketClosed { guest: String, socket: u64 },
    /// An armed fault struck: its kind, by the name that the catalogue has for it, and all of it in words.
    FaultFired { kind: &'static str, name: String },
}
