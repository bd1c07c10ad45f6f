//! Thin actix shells: one around the session, one around the outbox.
//!
//! An actor owns one machine, one timer and the handles its effects need; it carries out effects
//! and decides nothing. The two talk in the machines' own inputs.

mod buffer;
mod session;
mod timer;

use actix::Message;
use tokio::sync::oneshot;

pub use buffer::BufferActor;
pub use session::SessionActor;

pub(crate) use buffer::{Submit, Supplies as BufferSupplies};
pub(crate) use session::Supplies as SessionSupplies;

/// An input for the machine inside.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Do<I>(pub(crate) I);

/// End in good order, and drop the sender when nothing is left.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct ShutDown(pub(crate) oneshot::Sender<()>);

/// Stop at once: the client was dropped.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Halt;
