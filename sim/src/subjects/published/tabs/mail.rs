//! What the actors of a page are told.

use actix::Message;

use super::words::{Payload, Word};

/// Something happened to a module.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) enum Happened {
    /// Another tab said something on the channel.
    Said(Word),
    /// A message came on the socket.
    Received(Payload),
    /// The socket ended, and nobody asked for it.
    Closed,
}

/// The user leaves for good: let go of everything.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Stop;
