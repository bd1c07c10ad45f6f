//! The actor around the session, with its requests and its sockets.

use actix::{Actor, ActorContext as _, Addr, Context, Handler};
use tokio::sync::oneshot;

use super::shell::{HasShell, Shell, perform};
use super::{Barrier, BufferActor, Do, Halt, ShutDown};
use crate::core::credentials::SavedGuest;
use crate::core::engine::{Input, Step, step_session};
use crate::core::session::{self, Session};
use crate::core::types::Notice;

/// Runs the session of one client.
pub struct SessionActor {
    session: Session,
    shell: Shell,
    /// The guest a journal remembers.
    guest: Option<SavedGuest>,
    /// What was odd about the start, to be told once somebody can listen.
    notices: Vec<Notice>,
    buffer: Addr<BufferActor>,
    /// Dropped with the actor, which is what the waiting side waits for.
    shutting_down: Vec<oneshot::Sender<()>>,
}

impl SessionActor {
    pub(crate) const fn new(
        session: Session,
        shell: Shell,
        guest: Option<SavedGuest>,
        notices: Vec<Notice>,
        buffer: Addr<BufferActor>,
    ) -> Self {
        Self { session, shell, guest, notices, buffer, shutting_down: Vec::new() }
    }
}

impl HasShell for SessionActor {
    fn shell(&mut self) -> &mut Shell {
        &mut self.shell
    }

    fn step(&mut self, input: Input, ctx: &mut Context<Self>) {
        let input = match input {
            Input::Session(input) => input,
            Input::Outbox(_) => return self.buffer.do_send(Do(input)),
        };
        let mut steps = Vec::new();
        step_session(&mut self.session, self.shell.clock.now(), input, |step| steps.push(step));
        for step in steps {
            match step {
                Step::Output(output) => perform(self, output, ctx),
                Step::Tell(input) => self.buffer.do_send(Do(input)),
            }
        }
        let deadline = self.session.next_deadline();
        self.shell.timer.arm(ctx, &self.shell.clock, deadline, |act: &mut Self, ctx| {
            act.shell.timer.fired();
            act.step(session::Input::Tick.into(), ctx);
        });
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for notice in std::mem::take(&mut self.notices) {
            self.shell.hub.notice(notice);
        }
        let guest = self.guest.take();
        self.step(session::Input::Start(guest).into(), ctx);
    }
}

impl Handler<Do<Input>> for SessionActor {
    type Result = ();

    fn handle(&mut self, Do(input): Do<Input>, ctx: &mut Self::Context) {
        self.step(input, ctx);
    }
}

impl Handler<ShutDown> for SessionActor {
    type Result = ();

    fn handle(&mut self, ShutDown(done): ShutDown, ctx: &mut Self::Context) {
        self.shutting_down.push(done);
        self.step(session::Input::Shutdown.into(), ctx);
    }
}

impl Handler<Barrier> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Barrier, _: &mut Self::Context) {}
}

impl Handler<Halt> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
