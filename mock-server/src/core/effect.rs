//! What the core wants done in the world, as data.

use super::answer::Push;
use super::event::CloudEvent;

/// Something the core wants done; to be carried out in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Tell the observer.
    Event(CloudEvent),
    /// Send this to a socket.
    Send {
        /// The number of the socket.
        socket: u64,
        /// What.
        push: Push,
    },
    /// End a socket.
    End {
        /// The number of the socket.
        socket: u64,
        /// How.
        end: End,
    },
}

/// How a socket is ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With a close frame of this code and reason. The codes that RFC 6455 7.4.1 keeps off the
    /// wire mean what they stand for: 1005 is a close frame without a code, 1006 and 1015 are
    /// [`End::Drop`].
    Code(u16, String),
    /// By dropping the TCP connection without a close frame; the peer sees 1006.
    Drop,
}

impl End {
    /// Its guest and the conversation are over.
    pub(super) fn guest_gone() -> Self {
        Self::Code(1000, "guest.gone".to_owned())
    }
}
