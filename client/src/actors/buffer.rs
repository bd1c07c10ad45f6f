//! The shell around the outbox: receipts, the journal, REST sends.

use std::collections::BTreeMap;

use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, Addr, AsyncContext as _, Context, Handler,
    Message, SpawnHandle, WrapFuture as _,
};
use tokio::sync::oneshot;
use tracing::Instrument as _;
use uuid::Uuid;

use super::timer::Timer;
use super::{Do, Halt, Leave, SessionActor, ShutDown};
use crate::clock::Clock;
use crate::core::journal::Entry;
use crate::core::outbox::{Draft, Effect, Input, Outbox};
use crate::core::session;
use crate::core::types::{Event, Outcome};
use crate::core::waits::Door;
use crate::events::Hub;
use crate::journal::SharedJournal;
use crate::transport::rest::Api;

/// What the actor is given.
pub(crate) struct Supplies {
    pub(crate) clock: Clock,
    pub(crate) api: Api,
    pub(crate) hub: Hub,
    pub(crate) journal: SharedJournal,
    /// Messages a journal remembers, in order.
    pub(crate) pending: Vec<Draft>,
}

/// Runs the outbox of one client.
pub struct BufferActor {
    outbox: Outbox,
    supplies: Supplies,
    session: Addr<SessionActor>,
    timer: Timer,
    posts: BTreeMap<u64, SpawnHandle>,
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
        supplies: Supplies,
        session: Addr<SessionActor>,
    ) -> Self {
        Self {
            outbox,
            supplies,
            session,
            timer: Timer { armed: None },
            posts: BTreeMap::new(),
            receipts: BTreeMap::new(),
            leaving: None,
        }
    }

    fn step(&mut self, input: Input, ctx: &mut Context<Self>) {
        let mut effects = Vec::new();
        self.outbox.on(self.supplies.clock.now(), input, &mut effects);
        for effect in effects {
            self.carry_out(effect, ctx);
        }
        let deadline = self.outbox.next_deadline();
        self.timer.arm(ctx, &self.supplies.clock, deadline, |act: &mut Self, ctx| {
            act.timer.fired();
            act.step(Input::Tick, ctx);
        });
    }

    fn carry_out(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::Transmit { socket, id, text } => {
                self.tell_session(session::Input::Transmit { socket, id, text });
            }
            Effect::Post { attempt, credentials, id, text } => {
                let span = tracing::debug_span!("post", attempt, %id);
                let answer = self.supplies.api.post_message(&credentials, id, &text);
                let task = answer.instrument(span).into_actor(self).map(move |result, act, ctx| {
                    act.posts.remove(&attempt);
                    act.step(Input::Posted { attempt, result }, ctx);
                });
                self.posts.insert(attempt, ctx.spawn(task));
            }
            Effect::Left => ctx.stop(),
            Effect::CancelPost { attempt } => {
                if let Some(handle) = self.posts.remove(&attempt) {
                    ctx.cancel_future(handle);
                }
            }
            Effect::Settle { id, outcome } => self.settle(id, outcome),
            Effect::TokenRejected(generation) => {
                self.tell_session(session::Input::TokenRejected(generation));
            }
            Effect::TokenAccepted => self.tell_session(session::Input::TokenAccepted),
            Effect::GuestGone(instance) => {
                self.tell_session(session::Input::GuestGone(instance));
            }
            Effect::Notice(notice) => self.supplies.hub.notice(notice),
            Effect::NotBefore(until_wall) => {
                let door = Door::Messages;
                self.supplies.journal.record(&Entry::NotBefore { door, until_wall });
            }
        }
    }

    fn settle(&mut self, id: Uuid, outcome: Outcome) {
        self.supplies.journal.record(&Entry::Settled { id });
        self.supplies.hub.publish(&match &outcome {
            Outcome::Delivered => Event::Delivered { id },
            Outcome::Failed(reason) => Event::Failed { id, reason: reason.clone() },
        });
        if let Some(receipt) = self.receipts.remove(&id) {
            // The application may have dropped its receipt; the event has told the others.
            let _ = receipt.send(outcome);
        }
    }

    fn tell_session(&self, input: session::Input) {
        self.session.do_send(Do(input));
    }
}

impl Actor for BufferActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for draft in std::mem::take(&mut self.supplies.pending) {
            self.step(Input::Restore(draft), ctx);
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
        self.step(Input::Submit(submit.draft), ctx);
    }
}

impl Handler<ShutDown> for BufferActor {
    type Result = ();

    fn handle(&mut self, _: ShutDown, ctx: &mut Self::Context) {
        self.step(Input::Shutdown, ctx);
        ctx.stop();
    }
}

impl Handler<Leave> for BufferActor {
    type Result = ();

    fn handle(&mut self, Leave(done): Leave, ctx: &mut Self::Context) {
        self.leaving = Some(done);
        self.step(Input::Leave, ctx);
    }
}

impl Handler<Halt> for BufferActor {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
