//! The engine of one client: its session, its outbox, and what they tell each other.
//!
//! It does no I/O. A shell tells it what happened ([`Engine::handle`], [`Engine::handle_timeout`])
//! and carries out what it wants ([`Engine::poll_output`]).
//!
//! **The drain rule: whenever something was handled, poll until there is no output, and only then
//! wait, at most until [`Engine::next_deadline`].** What one machine tells the other waits in one
//! queue behind what came before it, and is handled while outputs are polled.
//!
//! - `output`: what a shell carries out.
//! - `routing`: what each effect of a machine leads to; it is decided nowhere else.

mod output;
mod routing;

use std::collections::VecDeque;

use crate::config::Config;
use crate::journal::Saved;
use crate::machines::{Ids, Machines};
use crate::outbox::{self, Draft, Outbox};
use crate::session::{self, Op, Session};
use crate::time::{Instant, Now};

pub use output::{Frame, Output, Request};
pub use routing::{Step, step_outbox, step_session};

/// Something that happens to one of the machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// To the session.
    Session(session::Input),
    /// To the outbox.
    Outbox(outbox::Input),
}

impl From<session::Input> for Input {
    fn from(input: session::Input) -> Self {
        Self::Session(input)
    }
}

impl From<outbox::Input> for Input {
    fn from(input: outbox::Input) -> Self {
        Self::Outbox(input)
    }
}

/// The engine of one client. It ends with [`Output::Finished`].
#[derive(Debug)]
pub struct Engine {
    session: Session,
    /// Gone once everything pending has failed or was left to another client.
    outbox: Option<Outbox>,
    /// What is still to be handled, in order.
    inputs: VecDeque<Input>,
    outputs: VecDeque<Output>,
    /// It takes no message any more.
    leaving: bool,
    /// Nothing is under way any more, which is told when everything else is.
    left: bool,
}

impl Engine {
    /// An engine that goes on at `now` with what was saved, and what draws its ids.
    #[must_use]
    pub fn new(config: Config, saved: &Saved, now: Now) -> (Self, Ids) {
        let Machines { session, outbox, ids } = Machines::new(config, saved, now);
        let restored = saved.pending.iter().cloned().map(Draft::from);
        let mut inputs: VecDeque<Input> =
            restored.map(|draft| outbox::Input::Restore(draft).into()).collect();
        inputs.push_back(session::Input::Start(saved.guest.clone()).into());
        let outputs = VecDeque::new();
        let outbox = Some(outbox);
        (Self { session, outbox, inputs, outputs, leaving: false, left: false }, ids)
    }

    /// Takes something that happened; it is handled when outputs are polled.
    pub fn handle(&mut self, input: impl Into<Input>) {
        self.inputs.push_back(input.into());
    }

    /// Takes a message that is remembered already. Once it leaves it takes none: whoever comes next
    /// finds the message where it is remembered.
    pub fn handle_message(&mut self, draft: Draft) {
        if !self.leaving {
            self.handle(outbox::Input::Submit(draft));
        }
    }

    /// Takes note of the time. Whether a deadline has come.
    pub fn handle_timeout(&mut self, now: Instant) -> bool {
        self.handle_deadlines(|at| at <= now)
    }

    /// As [`handle_timeout`](Self::handle_timeout), where the timers of a page may be late: `is_due`
    /// tells of a deadline whether it has come.
    pub fn handle_deadlines(&mut self, is_due: impl Fn(Instant) -> bool) -> bool {
        let session = self.session.next_deadline().is_some_and(&is_due);
        let outbox = self.outbox_deadline().is_some_and(&is_due);
        if session {
            self.handle(session::Input::Tick);
        }
        if outbox {
            self.handle(outbox::Input::Tick);
        }
        session || outbox
    }

    /// Ends in good order: what is pending fails and is forgotten, the socket is closed.
    pub fn shut_down(&mut self) {
        self.handle(outbox::Input::Shutdown);
        self.handle(session::Input::Shutdown);
    }

    /// Ends in good order and settles nothing: what is pending is left to whoever comes next. Gives
    /// the request that is to be cancelled at once.
    #[must_use]
    pub fn leave(&mut self) -> Option<Op> {
        self.leaving = true;
        let posting = self.outbox.take().and_then(|outbox| outbox.posting());
        self.handle(session::Input::Shutdown);
        posting.map(Op::Post)
    }

    /// As [`leave`](Self::leave), and lets the message that is under way end first.
    /// [`Output::Left`] says when nothing more will be said.
    pub fn hand_over(&mut self) {
        self.leaving = true;
        self.handle(outbox::Input::Leave);
    }

    /// What is to be done next, at `now`; `None` when there is nothing before the next deadline.
    pub fn poll_output(&mut self, now: Now) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            match self.inputs.pop_front() {
                Some(input) => self.step(now, input),
                None => return std::mem::take(&mut self.left).then_some(Output::Left),
            }
        }
    }

    /// Whether polling would give nothing and change nothing.
    #[must_use]
    pub fn is_drained(&self) -> bool {
        self.inputs.is_empty() && self.outputs.is_empty() && !self.left
    }

    /// When [`handle_timeout`](Self::handle_timeout) next has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines().min()
    }

    /// The deadlines of both machines.
    pub fn deadlines(&self) -> impl Iterator<Item = Instant> + use<> {
        self.session.next_deadline().into_iter().chain(self.outbox_deadline())
    }

    fn outbox_deadline(&self) -> Option<Instant> {
        self.outbox.as_ref().and_then(Outbox::next_deadline)
    }

    fn step(&mut self, now: Now, input: Input) {
        let Self { session, outbox, inputs, outputs, .. } = self;
        let mut has_left = false;
        let take = |step| match step {
            Step::Output(Output::Left) => has_left = true,
            Step::Output(output) => outputs.push_back(output),
            Step::Tell(input) => inputs.push_back(input),
        };
        match input {
            Input::Session(input) => step_session(session, now, input, take),
            Input::Outbox(input) => {
                let Some(machine) = outbox else { return };
                let ends = matches!(input, outbox::Input::Shutdown);
                step_outbox(machine, now, input, take);
                if ends {
                    *outbox = None;
                }
            }
        }
        if has_left {
            self.left = true;
            let posting = self.leave();
            self.outputs.extend(posting.map(Output::Cancel));
        }
    }
}
