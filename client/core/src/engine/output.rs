//! What an engine wants done. A shell carries it out and decides nothing.

use uuid::Uuid;

use crate::credentials::Credentials;
use crate::journal::Entry;
use crate::session::Op;
use crate::types::Event;

/// What an engine wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Start a request. Its answer comes back as the input of [`Request::op`].
    Call(Request),
    /// Stop a request; its answer is void.
    Cancel(Op),
    /// Write on an open socket.
    Write {
        /// The socket.
        socket: u64,
        /// What.
        frame: Frame,
    },
    /// End a socket.
    Close {
        /// The socket.
        socket: u64,
        /// The code of the close frame; without one the socket is dropped.
        code: Option<u16>,
    },
    /// Remember something; it is durable before the next output is carried out.
    Record(Entry),
    /// Tell the application.
    Publish(Event),
    /// Nothing is under way any more, and no message of this engine will end: whoever comes next may
    /// begin.
    Left,
    /// Nothing will be wanted any more, but that sockets under way end.
    Finished,
}

/// A request to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Create a guest; answered by [`session::Input::Created`](crate::session::Input::Created).
    Create {
        /// Its generation.
        op: u64,
    },
    /// Exchange this token for a new one; answered by
    /// [`session::Input::Refreshed`](crate::session::Input::Refreshed).
    Refresh {
        /// Its generation.
        op: u64,
        /// How to speak for the guest.
        guest: Credentials,
    },
    /// Open a socket; answered by [`session::Input::Dialed`](crate::session::Input::Dialed).
    Dial {
        /// Its generation, which becomes the name of the socket.
        op: u64,
        /// How to speak for the guest.
        guest: Credentials,
    },
    /// Fetch missed messages; answered by
    /// [`session::Input::History`](crate::session::Input::History).
    History {
        /// Its generation.
        op: u64,
        /// How to speak for the guest.
        guest: Credentials,
        /// The last sequence that is known.
        after: u64,
    },
    /// Send a message by REST; answered by
    /// [`outbox::Input::Posted`](crate::outbox::Input::Posted).
    Post {
        /// Its generation.
        attempt: u64,
        /// How to speak for the guest.
        guest: Credentials,
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
}

impl Request {
    /// What it is called when it is cancelled.
    #[must_use]
    pub const fn op(&self) -> Op {
        match self {
            Self::Create { op } => Op::Create(*op),
            Self::Refresh { op, .. } => Op::Refresh(*op),
            Self::Dial { op, .. } => Op::Dial(*op),
            Self::History { op, .. } => Op::History(*op),
            Self::Post { attempt, .. } => Op::Post(*attempt),
        }
    }
}

/// A frame to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A ping.
    Ping,
    /// A message.
    Message {
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
}
