//! What to answer, and how a fault bends the way it is delivered.

use std::time::Duration;

use super::effect::Effect;
use super::refusal::Refusal;
use super::time::Now;
use super::{CloudEvent, Core};
use crate::faults::{Bend, Occasion};

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// How often it is sent; 0 is never.
    pub copies: u8,
    /// How long it is held back.
    pub delay: Duration,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { copies: 1, delay: Duration::ZERO }
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
        self.bent(now, Occasion::Preflight, out, |_, _| Ok(()))
    }

    /// Asks the board for a fault, then handles the request as far as the fault lets it.
    pub(super) fn bent<T>(
        &mut self,
        now: Now,
        occasion: Occasion,
        out: &mut Vec<Effect>,
        handle: impl FnOnce(&mut Self, &mut Vec<Effect>) -> Result<T, Refusal>,
    ) -> Reply<T> {
        let bend = match self.board.strike(occasion) {
            Some(fault) => {
                let name = fault.to_string();
                out.push(Effect::Event(CloudEvent::FaultFired { name }));
                fault.bend(now)
            }
            None => Bend::Handle(Delivery::default()),
        };
        match bend {
            Bend::Handle(delivery) => {
                let answer = handle(self, out);
                if delivery.copies == 0 { Reply::Silence } else { Reply::Send { answer, delivery } }
            }
            Bend::Refuse(refusal) => Reply::plain(Err(refusal)),
            Bend::Ignore => Reply::Silence,
            Bend::Close(code) => Reply::Close(code),
        }
    }
}
