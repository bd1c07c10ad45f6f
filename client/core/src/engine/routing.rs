//! What each effect of the session and of the outbox leads to: an output for the shell, or an input
//! for the other machine.

use super::{Frame, Input, Output, Request};
use crate::journal::Entry;
use crate::outbox::{self, Outbox};
use crate::session::{self, Session};
use crate::time::Now;
use crate::types::Event;
use crate::waits::Call;

/// What a machine wants: of the shell, or of the other machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// To be carried out.
    Output(Output),
    /// To be handled, after everything that came before it.
    Tell(Input),
}

impl From<Output> for Step {
    fn from(output: Output) -> Self {
        Self::Output(output)
    }
}

impl From<session::Input> for Step {
    fn from(input: session::Input) -> Self {
        Self::Tell(input.into())
    }
}

impl From<outbox::Input> for Step {
    fn from(input: outbox::Input) -> Self {
        Self::Tell(input.into())
    }
}

/// Gives a session one input, and hands what it wants to `take`, in order.
pub fn step_session(
    session: &mut Session,
    now: Now,
    input: session::Input,
    mut take: impl FnMut(Step),
) {
    let mut effects = Vec::new();
    session.on(now, input, &mut effects);
    for effect in effects {
        take(of_session(effect));
    }
}

fn of_session(effect: session::Effect) -> Step {
    use session::Effect;
    match effect {
        Effect::Create(op) => Output::Call(Request::Create { op }).into(),
        Effect::Refresh(op, guest) => Output::Call(Request::Refresh { op, guest }).into(),
        Effect::Dial(op, guest) => Output::Call(Request::Dial { op, guest }).into(),
        Effect::History(op, guest, after) => {
            Output::Call(Request::History { op, guest, after }).into()
        }
        Effect::Cancel(op) => Output::Cancel(op).into(),
        Effect::Ping(socket) => Output::Write { socket, frame: Frame::Ping }.into(),
        Effect::Transmit { socket, id, text } => {
            Output::Write { socket, frame: Frame::Message { id, text } }.into()
        }
        Effect::Close(socket, code) => Output::Close { socket, code }.into(),
        Effect::Link(link) => outbox::Input::Link(link).into(),
        Effect::Credentials(guest) => outbox::Input::Credentials(guest).into(),
        Effect::Acked(id) => outbox::Input::Acked(id).into(),
        Effect::MessageFault(id, fault) => outbox::Input::Refused(id, fault).into(),
        Effect::ConversationGone => outbox::Input::ConversationGone.into(),
        Effect::State(state) => Output::Publish(Event::State(state)).into(),
        Effect::Show(message) => Output::Publish(Event::Inbound(message)).into(),
        Effect::Notice(notice) => Output::Publish(Event::Notice(notice)).into(),
        Effect::SaveCursor(sequence) => Output::Record(Entry::Cursor { sequence }).into(),
        Effect::SaveSeen(id, at_wall) => Output::Record(Entry::Seen { id, at_wall }).into(),
        Effect::SaveGuest(guest) => Output::Record(guest.into()).into(),
        Effect::SaveNotBefore(call, until_wall) => {
            Output::Record(Entry::NotBefore { call, until_wall }).into()
        }
        Effect::SaveBackoff { failures, until } => {
            Output::Record(Entry::Backoff { failures, until_wall: until }).into()
        }
        Effect::Finished => Output::Finished.into(),
    }
}

/// Gives an outbox one input, and hands what it wants to `take`, in order.
pub fn step_outbox(
    outbox: &mut Outbox,
    now: Now,
    input: outbox::Input,
    mut take: impl FnMut(Step),
) {
    let mut effects = Vec::new();
    outbox.on(now, input, &mut effects);
    for effect in effects {
        of_outbox(effect, &mut take);
    }
}

fn of_outbox(effect: outbox::Effect, take: &mut impl FnMut(Step)) {
    use outbox::Effect;
    let step = match effect {
        Effect::Transmit { socket, id, text } => {
            session::Input::Transmit { socket, id, text }.into()
        }
        Effect::Post { attempt, credentials: guest, id, text } => {
            Output::Call(Request::Post { attempt, guest, id, text }).into()
        }
        Effect::CancelPost { attempt } => Output::Cancel(session::Op::Post(attempt)).into(),
        Effect::Settle { id, outcome } => {
            // Forgotten before it is told: nobody hears of the end of one message twice.
            take(Output::Record(Entry::Settled { id }).into());
            Output::Publish(Event::settled(id, outcome)).into()
        }
        Effect::TokenRejected(generation) => session::Input::TokenRejected(generation).into(),
        Effect::TokenAccepted => session::Input::TokenAccepted.into(),
        Effect::GuestGone(instance) => session::Input::GuestGone(instance).into(),
        Effect::Notice(notice) => Output::Publish(Event::Notice(notice)).into(),
        Effect::NotBefore(until_wall) => {
            Output::Record(Entry::NotBefore { call: Call::Messages, until_wall }).into()
        }
        Effect::Left => Output::Left.into(),
    };
    take(step);
}
