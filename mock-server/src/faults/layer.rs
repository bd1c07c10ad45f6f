//! The layer of faults around the core: it asks the board about everything that reaches the cloud or
//! leaves it, and handles it as far as a fault lets it. The core knows nothing of it. What a fault does to an
//! answer's meaning is done here; what it does to bytes is left to who writes them.

use super::{
    Armed, Board, Delivery, Distortion, Endpoint, Fault, FaultId, FaultRule, Occasion, Outcome,
    Reply,
};
use crate::core::{
    Ack, Admission, Caller, Carriers, CloudError, CloudEvent, Core, Effect, End, Grant, GuestIndex,
    GuestMessage, Now, Page, Push, Refusal,
};

/// An id that no guest gives a message.
const WRONG_ID: &str = "nobody-sent-this";

/// Something the cloud wants done; to be carried out in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Tell the observer.
    Event(CloudEvent),
    /// Tell the observer that a fault has struck, at which endpoint; `Any` where there is none.
    Struck(Fault, Endpoint),
    /// Send this to a socket.
    Send {
        /// The number of the socket.
        socket: u64,
        /// What.
        push: Push,
        /// How.
        delivery: Delivery,
    },
    /// End a socket.
    End {
        /// The number of the socket.
        socket: u64,
        /// How.
        end: End,
    },
}

impl From<Effect> for Action {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Event(event) => Self::Event(event),
            Effect::Send { socket, push } => {
                Self::Send { socket, push, delivery: Delivery::default() }
            }
            Effect::End { socket, end } => Self::End { socket, end },
        }
    }
}

/// Whom something is about, as far as that is known beforehand.
#[derive(Debug, Clone, Copy)]
enum Subject<'a> {
    Nobody,
    Instance(&'a str),
    Guest(GuestIndex),
    Bearer(Option<&'a str>),
}

impl<'a> From<Caller<'a>> for Subject<'a> {
    fn from(caller: Caller<'a>) -> Self {
        match caller {
            Caller::Rest { instance, .. } => Self::Instance(instance),
            Caller::Socket { guest } => Self::Guest(guest),
        }
    }
}

/// A cloud with a board of faults. Each of its calls is that of the [`Core`], as far as a fault lets it.
#[derive(Debug)]
pub struct FaultLayer {
    core: Core,
    board: Board,
    /// Room for what the core wants done.
    effects: Vec<Effect>,
}

impl FaultLayer {
    /// Around `core`, with no fault armed.
    #[must_use]
    pub fn new(core: Core) -> Self {
        Self { core, board: Board::default(), effects: Vec::new() }
    }

    /// The cloud as it is.
    #[must_use]
    pub fn core(&self) -> &Core {
        &self.core
    }

    /// Does what no fault has a say in.
    pub fn operate<T>(
        &mut self,
        out: &mut Vec<Action>,
        step: impl FnOnce(&mut Core, &mut Vec<Effect>) -> T,
    ) -> T {
        let result = step(&mut self.core, &mut self.effects);
        out.extend(self.effects.drain(..).map(Action::from));
        result
    }

    /// Arms a fault; it counts occurrences from now on.
    pub fn arm(&mut self, now: Now, rule: FaultRule) -> FaultId {
        self.board.arm(rule, now.mono)
    }

    /// Disarms one fault; whether it was armed.
    pub fn disarm(&mut self, id: FaultId) -> bool {
        self.board.disarm(id)
    }

    /// Disarms every fault.
    pub fn disarm_all(&mut self) {
        self.board.disarm_all();
    }

    /// What is armed at `now`.
    pub(crate) fn armed(&mut self, now: Now) -> &[Armed] {
        self.board.armed(now.mono)
    }

    /// [`Core::create_guest`]
    pub fn create_guest(
        &mut self,
        now: Now,
        oauth: Option<&str>,
        profile: Result<(), Refusal>,
        out: &mut Vec<Action>,
    ) -> Reply<Grant> {
        let outcome = self.strike(now, Occasion::Guests, Subject::Nobody, out);
        let reply = self
            .apply(outcome, out, |core, effects| core.create_guest(now, oauth, profile, effects));
        self.distort_grant(now, reply)
    }

    /// [`Core::refresh`]
    pub fn refresh(
        &mut self,
        now: Now,
        bearer: Option<&str>,
        instance: Result<Option<String>, Refusal>,
        out: &mut Vec<Action>,
    ) -> Reply<Grant> {
        let outcome = self.strike(now, Occasion::Refresh, Subject::Bearer(bearer), out);
        let reply =
            self.apply(outcome, out, |core, effects| core.refresh(now, bearer, instance, effects));
        self.distort_grant(now, reply)
    }

    /// [`Core::admit`]
    pub fn admit(
        &mut self,
        now: Now,
        instance: &str,
        carriers: &Carriers,
        out: &mut Vec<Action>,
    ) -> Reply<Admission> {
        let outcome = self.strike(now, Occasion::Handshake, Subject::Instance(instance), out);
        self.apply(outcome, out, |core, effects| core.admit(now, instance, carriers, effects))
    }

    /// [`Core::message`]. What cannot be read is no message: no fault strikes it.
    pub fn message(
        &mut self,
        now: Now,
        caller: Caller<'_>,
        message: Result<GuestMessage, Refusal>,
        out: &mut Vec<Action>,
    ) -> Reply<Ack> {
        let Ok(message) = message else {
            let answer = |core: &mut Core, effects: &mut Vec<Effect>| {
                core.message(now, caller, message, effects)
            };
            return Reply::plain(self.operate(out, answer));
        };
        let occasion = match caller {
            Caller::Rest { .. } => Occasion::MessageByRest,
            Caller::Socket { .. } => Occasion::MessageBySocket,
        };
        let reply = match self.strike(now, occasion, caller.into(), out) {
            Outcome::Refuse(refusal) => Reply::plain(Err(self.operate(out, |core, effects| {
                core.refused(caller, Some(message.id), refusal, effects)
            }))),
            outcome => self.apply(outcome, out, |core, effects| {
                core.message(now, caller, Ok(message), effects)
            }),
        };
        distort_ack(reply)
    }

    /// [`Core::history`]
    pub fn history(
        &mut self,
        now: Now,
        instance: &str,
        token: Option<&str>,
        after: Result<u64, Refusal>,
        out: &mut Vec<Action>,
    ) -> Reply<Page> {
        let outcome = self.strike(now, Occasion::History, Subject::Instance(instance), out);
        self.apply(outcome, out, |core, effects| core.history(now, instance, token, after, effects))
    }

    /// [`Core::agent_says`]. A fault may strike on the way to each socket.
    pub fn agent_says(
        &mut self,
        now: Now,
        guest: Option<&str>,
        text: &str,
        out: &mut Vec<Action>,
    ) -> Result<u64, CloudError> {
        let mut effects = std::mem::take(&mut self.effects);
        let said = self.core.agent_says(now, guest, text, &mut effects);
        for effect in effects.drain(..) {
            let mut action = Action::from(effect);
            if let Action::Send { socket, delivery, .. } = &mut action {
                let subject = self.core.owner(*socket).map_or(Subject::Nobody, Subject::Guest);
                *delivery = match self.strike(now, Occasion::Agent, subject, out) {
                    Outcome::Handle(delivery) => delivery,
                    _ => Delivery { copies: 0, ..Delivery::default() },
                };
            }
            out.push(action);
        }
        self.effects = effects;
        said
    }

    /// Whether a preflight is answered as it should be.
    pub(crate) fn preflight(&mut self, now: Now, out: &mut Vec<Action>) -> Reply<()> {
        let outcome = self.strike(now, Occasion::Preflight, Subject::Nobody, out);
        self.apply(outcome, out, |_, _| Ok(()))
    }

    /// How a ping of `guest` is answered.
    pub(crate) fn ping(&mut self, now: Now, guest: GuestIndex, out: &mut Vec<Action>) -> Reply<()> {
        let outcome = self.strike(now, Occasion::Ping, Subject::Guest(guest), out);
        self.apply(outcome, out, |_, _| Ok(()))
    }

    /// What becomes of a connection that was accepted: served, reset (`Close`), or never answered.
    pub(crate) fn connection(&mut self, now: Now, out: &mut Vec<Action>) -> Reply<()> {
        let outcome = self.strike(now, Occasion::Connection, Subject::Nobody, out);
        self.apply(outcome, out, |_, _| Ok(()))
    }

    /// What a fault makes of this occasion.
    fn strike(
        &mut self,
        now: Now,
        occasion: Occasion,
        subject: Subject<'_>,
        out: &mut Vec<Action>,
    ) -> Outcome {
        if self.board.is_empty() {
            return Outcome::Handle(Delivery::default());
        }
        let guest = match subject {
            Subject::Nobody => None,
            Subject::Instance(instance) => Some(instance),
            Subject::Guest(guest) => self.core.instance(guest),
            Subject::Bearer(bearer) => bearer.and_then(|token| self.core.instance_of_token(token)),
        };
        match self.board.strike(occasion, now.mono, guest) {
            Some(fault) => {
                let outcome = fault.decide(now);
                out.push(Action::Struck(fault, occasion.endpoint()));
                outcome
            }
            None => Outcome::Handle(Delivery::default()),
        }
    }

    /// Handles a request as far as the fault lets it.
    fn apply<T>(
        &mut self,
        outcome: Outcome,
        out: &mut Vec<Action>,
        handle: impl FnOnce(&mut Core, &mut Vec<Effect>) -> Result<T, Refusal>,
    ) -> Reply<T> {
        match outcome {
            Outcome::Handle(delivery) => {
                let answer = self.operate(out, handle);
                if delivery.copies == 0 { Reply::Silence } else { Reply::Send { answer, delivery } }
            }
            Outcome::Refuse(refusal) => Reply::plain(Err(refusal)),
            Outcome::Ignore => Reply::Silence,
            Outcome::Close(code) => Reply::Close(code),
            Outcome::Instead(distortion) => Reply::Instead(distortion),
            Outcome::Restart { memory } => {
                let end = End::Code(1012, "restart".to_owned());
                self.operate(out, |core, effects| {
                    core.end_sockets(&end, effects);
                    if !memory {
                        core.forget_guests(effects);
                    }
                });
                Reply::Close(super::DROPPED)
            }
            Outcome::Forget => {
                self.operate(out, Core::forget_guests);
                Reply::plain(self.operate(out, handle))
            }
        }
    }

    fn distort_grant(&mut self, now: Now, mut reply: Reply<Grant>) -> Reply<Grant> {
        if let Reply::Send { answer: Ok(grant), delivery } = &mut reply {
            match delivery.distortion {
                Distortion::TokenLives(span) => {
                    self.core.expire_token(&grant.token, now.mono.saturating_add(span));
                }
                Distortion::TokenRevoked => self.core.revoke_token(&grant.token),
                Distortion::ExpiresIn(seconds) => grant.expires_in = seconds,
                _ => {}
            }
        }
        reply
    }
}

fn distort_ack(mut reply: Reply<Ack>) -> Reply<Ack> {
    if let Reply::Send { answer, delivery } = &mut reply {
        let id = match delivery.distortion {
            Distortion::WrongId => Some(WRONG_ID),
            Distortion::WithoutId => None,
            _ => return reply,
        };
        match answer {
            Ok(ack) => id.unwrap_or_default().clone_into(&mut ack.message_id),
            Err(refusal) => refusal.message_id = id.map(Box::from),
        }
    }
    reply
}
