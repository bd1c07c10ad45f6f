//! What to answer, and how a fault bends the way it is delivered.

use std::time::Duration;

use super::effect::Effect;
use super::refusal::Refusal;
use super::time::Now;
use super::{CloudEvent, Core, End, GuestIndex};
use crate::faults::{Bend, Occasion, Shape};

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// How often it is sent; 0 is never.
    pub copies: u8,
    /// How long it is held back.
    pub delay: Duration,
    /// In which form.
    pub shape: Shape,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { copies: 1, delay: Duration::ZERO, shape: Shape::Plain }
    }
}

/// What the shell does with one request or frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// Send this.
    Send {
        /// The answer or the refusal.
        answer: Result<T, Refusal>,
        /// How to deliver it.
        delivery: Delivery,
    },
    /// Never answer.
    Silence,
    /// End the connection with this close code instead of answering; without a socket, drop it.
    Close(u16),
    /// Answer something else; nothing was handled.
    Instead(Shape),
}

/// Whom something is about, as far as that is known beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    Nobody,
    Instance(&'a str),
    Guest(GuestIndex),
}

impl<T> Reply<T> {
    /// An answer that no fault bends.
    pub(crate) fn plain(answer: Result<T, Refusal>) -> Self {
        Self::Send { answer, delivery: Delivery::default() }
    }
}

impl Core {
    /// Whether a preflight is answered as it should be.
    pub(crate) fn preflight(&mut self, now: Now, out: &mut Vec<Effect>) -> Reply<()> {
        self.bent(now, Occasion::Preflight, Subject::Nobody, out, |_, _| Ok(()))
    }

    /// Asks the board for a fault, then handles the request as far as the fault lets it.
    pub(super) fn bent<T>(
        &mut self,
        now: Now,
        occasion: Occasion,
        subject: Subject<'_>,
        out: &mut Vec<Effect>,
        handle: impl FnOnce(&mut Self, &mut Vec<Effect>) -> Result<T, Refusal>,
    ) -> Reply<T> {
        match self.strike(now, occasion, subject, out) {
            Bend::Handle(delivery) => {
                let answer = handle(self, out);
                if delivery.copies == 0 { Reply::Silence } else { Reply::Send { answer, delivery } }
            }
            Bend::Refuse(refusal) => Reply::plain(Err(refusal)),
            Bend::Ignore => Reply::Silence,
            Bend::Close(code) => Reply::Close(code),
            Bend::Instead(shape) => Reply::Instead(shape),
            Bend::Restart { memory } => {
                self.end_sockets(&End::Code(1012, "restart".to_owned()), out);
                if !memory {
                    self.forget_guests(out);
                }
                Reply::Close(1006)
            }
            Bend::Forget => {
                self.forget_guests(out);
                Reply::plain(handle(self, out))
            }
        }
    }

    /// What a fault makes of this occasion.
    pub(super) fn strike(
        &mut self,
        now: Now,
        occasion: Occasion,
        subject: Subject<'_>,
        out: &mut Vec<Effect>,
    ) -> Bend {
        if self.board.is_empty() {
            return Bend::Handle(Delivery::default());
        }
        let guest = match subject {
            Subject::Nobody => None,
            Subject::Instance(instance) => Some(instance),
            Subject::Guest(guest) => self.guests.get(guest).map(|guest| guest.instance.as_str()),
        };
        match self.board.strike(occasion, now.mono, guest) {
            Some(fault) => {
                let name = fault.to_string();
                out.push(Effect::Event(CloudEvent::FaultFired { name }));
                fault.bend(now)
            }
            None => Bend::Handle(Delivery::default()),
        }
    }

    /// What becomes of a connection that was accepted; `None` when it is served.
    pub(crate) fn connection(&mut self, now: Now, out: &mut Vec<Effect>) -> Option<bool> {
        match self.strike(now, Occasion::Connection, Subject::Nobody, out) {
            Bend::Close(_) => Some(true),
            Bend::Ignore => Some(false),
            _ => None,
        }
    }

    /// How a ping of `guest` is answered.
    pub(crate) fn ping(&mut self, now: Now, guest: GuestIndex, out: &mut Vec<Effect>) -> Reply<()> {
        self.bent(now, Occasion::Ping, Subject::Guest(guest), out, |_, _| Ok(()))
    }
}
