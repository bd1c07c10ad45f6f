//! What to answer, and how a fault bends the way it is delivered.

use super::effect::Effect;
use super::refusal::Refusal;
use super::time::Now;
use super::{CloudEvent, Core, End, GuestIndex};
use crate::faults::{Delivery, Occasion, Outcome, Reply};

/// Whom something is about, as far as that is known beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject<'a> {
    Nobody,
    Instance(&'a str),
    Guest(GuestIndex),
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
            Outcome::Handle(delivery) => {
                let answer = handle(self, out);
                if delivery.copies == 0 { Reply::Silence } else { Reply::Send { answer, delivery } }
            }
            Outcome::Refuse(refusal) => Reply::plain(Err(refusal)),
            Outcome::Ignore => Reply::Silence,
            Outcome::Close(code) => Reply::Close(code),
            Outcome::Instead(distortion) => Reply::Instead(distortion),
            Outcome::Restart { memory } => {
                self.end_sockets(&End::Code(1012, "restart".to_owned()), out);
                if !memory {
                    self.forget_guests(out);
                }
                Reply::Close(1006)
            }
            Outcome::Forget => {
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
    ) -> Outcome {
        if self.board.is_empty() {
            return Outcome::Handle(Delivery::default());
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
                fault.decide(now)
            }
            None => Outcome::Handle(Delivery::default()),
        }
    }

    /// What becomes of a connection that was accepted; `None` when it is served.
    pub(crate) fn connection(&mut self, now: Now, out: &mut Vec<Effect>) -> Option<bool> {
        match self.strike(now, Occasion::Connection, Subject::Nobody, out) {
            Outcome::Close(_) => Some(true),
            Outcome::Ignore => Some(false),
            _ => None,
        }
    }

    /// How a ping of `guest` is answered.
    pub(crate) fn ping(&mut self, now: Now, guest: GuestIndex, out: &mut Vec<Effect>) -> Reply<()> {
        self.bent(now, Occasion::Ping, Subject::Guest(guest), out, |_, _| Ok(()))
    }
}
