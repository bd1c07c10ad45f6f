//! Thin actix shells: around the session, around the outbox, and around the tab coordinator.
//!
//! An actor owns one machine, one timer and the handles its outputs need; it carries outputs out and
//! decides nothing. The first two take the [`engine`](crate::core::engine) apart: what one machine
//! tells the other waits in the other's mailbox.

mod buffer;
mod coordinator;
mod session;
mod shell;
mod timer;

use actix::Message;
use tokio::sync::oneshot;

pub use buffer::BufferActor;
pub use coordinator::TabCoordinator;
pub use session::SessionActor;

pub(crate) use buffer::Submit;
pub(crate) use coordinator::{SendText, Supplies as TabSupplies};
pub(crate) use shell::Shell;

/// An input for the machine inside.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Do<I>(pub(crate) I);

/// End in good order, and drop the sender when nothing is left.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ShutDown(pub(crate) oneshot::Sender<()>);

/// Answered when everything that was sent before it has been handled.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Barrier;

/// Let what is under way end, begin nothing new, and drop the sender then.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Leave(pub(crate) oneshot::Sender<()>);

/// Stop at once: the client was dropped.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Halt;
