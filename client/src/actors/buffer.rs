//! The actor around the outbox, with its REST sends and the receipts of its messages.

use std::collections::BTreeMap;

use actix::{Actor, ActorContext as _, Addr, Context, Handler, Message};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::shell::{HasShell, Shell, perform};
use super::{Do, Halt, Leave, SessionActor, ShutDown};
use crate::core::engine::{Input, Output, Step, step_outbox};
use crate::core::outbox::{self, Draft, Outbox};
use crate::core::types::{Event, Outcome};

/// Runs the outbox of one client.
pub struct BufferActor {
    outbox: Outbox,
    shell: Shell,
    /// Messages a journal remembers, in order.
    pending: Vec<Draft>,
    session: Addr<SessionActor>,
    receipts: BTreeMap<Uuid, oneshot::Sender<Outcome>>,
    /// Dropped with the actor, which is what the waiting side waits for.
    leaving: Option<oneshot::Sender<()>>,
}

/// A message from the application; already journalled.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Submit {
    pub(crate) draft: Draft,
    /// Whom to tell; events tell the others.
    pub(crate) outcome: Option<oneshot::Sender<Outcome>>,
}

impl BufferActor {
    pub(crate) const fn new(
        outbox: Outbox,
        shell: Shell,
        pending: Vec<Draft>,
        session: Addr<SessionActor>,
    ) -> Self {
        Self { outbox, shell, pending, session, receipts: BTreeMap::new(), leaving: None }
    }

    /// The application may have dropped its receipt; the event has told the others.
    fn keep_promise(&mut self, event: &Event) {
        if let Some((id, outcome)) = event.outcome()
            && let Some(receipt) = self.receipts.remove(&id)
        {
            let _ = receipt.send(outcome);
        }
    }
}

impl HasShell for BufferActor {
    fn shell(&mut self) -> &mut Shell {
        &mut self.shell
    }

    fn step(&mut self, input: Input, ctx: &mut Context<Self>) {
        let input = match input {
            Input::Outbox(input) => input,
            Input::Session(_) => return self.session.do_send(Do(input)),
        };
        let mut steps = Vec::new();
        step_outbox(&mut self.outbox, self.shell.clock.now(), input, |step| steps.push(step));
        for step in steps {
            match step {
                Step::Output(Output::Publish(event)) => {
                    self.shell.hub.publish(&event);
                    self.keep_promise(&event);
                }
                Step::Output(output) => perform(self, output, ctx),
                Step::Tell(input) => self.session.do_send(Do(input)),
            }
        }
        let deadline = self.outbox.next_deadline();
        self.shell.timer.arm(ctx, &self.shell.clock, deadline, |act: &mut Self, ctx| {
            act.shell.timer.fired();
            act.step(outbox::Input::Tick.into(), ctx);
        });
    }
}

impl Actor for BufferActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for draft in std::mem::take(&mut self.pending) {
            self.step(outbox::Input::Restore(draft).into(), ctx);
        }
    }
}

impl Handler<Do<Input>> for BufferActor {
    type Result = ();

    fn handle(&mut self, Do(input): Do<Input>, ctx: &mut Self::Context) {
        self.step(input, ctx);
    }
}

impl Handler<Submit> for BufferActor {
    type Result = ();

    fn handle(&mut self, submit: Submit, ctx: &mut Self::Context) {
        if let Some(outcome) = submit.outcome {
            self.receipts.insert(submit.draft.id, outcome);
        }
        self.step(outbox::Input::Submit(submit.draft).into(), ctx);
    }
}

impl Handler<ShutDown> for BufferActor {
    type Result = ();

    fn handle(&mut self, _: ShutDown, ctx: &mut Self::Context) {
        self.step(outbox::Input::Shutdown.into(), ctx);
        ctx.stop();
    }
}

impl Handler<Leave> for BufferActor {
    type Result = ();

    fn handle(&mut self, Leave(done): Leave, ctx: &mut Self::Context) {
        self.leaving = Some(done);
        self.step(outbox::Input::Leave.into(), ctx);
    }
}

impl Handler<Halt> for BufferActor {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
