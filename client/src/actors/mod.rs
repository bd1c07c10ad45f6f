//! Thin actix shells: around the session, around the outbox, and around the tab coordinator.
//!
//! An actor owns one machine, one timer and the handles its effects need; it carries out effects
//! and decides nothing. The first two talk in the machines' own inputs.

mod buffer;
mod coordinator;
mod session;
mod timer;

use actix::Message;
use tokio::sync::oneshot;

pub use buffer::BufferActor;
pub use coordinator::TabCoordinator;
pub use session::SessionActor;

pub(crate) use buffer::{Submit, Supplies as BufferSupplies};
pub(crate) use coordinator::{SendText, Supplies as TabSupplies};
pub(crate) use session::Supplies as SessionSupplies;

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
