//! The shell around the tab coordinator: the channel, the lock, the store, and the client that the
//! leader runs.

use std::collections::BTreeMap;
use std::rc::Rc;

use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, Addr, AsyncContext as _, Context, Handler,
    Message, SpawnHandle, WrapFuture as _,
};
use futures_util::FutureExt as _;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::timer::Timer;
use super::{Do, Halt, ShutDown};
use crate::client::Client;
use crate::clock::Clock;
use crate::core::config::Config;
use crate::core::coordinator::{Coordinator, Effect, FromClient, Input};
use crate::core::journal::{Entry, Saved};
use crate::core::types::{Event, Outcome};
use crate::events::Hub;
use crate::journal::{Journal, JournalError};
use crate::tabs::{Ask, Bus, HeldLock, Listening, LocksError, StateStore, TabLocks};

/// What the actor is given.
pub(crate) struct Supplies {
    pub(crate) config: Config,
    pub(crate) http: awc::Client,
    pub(crate) clock: Clock,
    pub(crate) hub: Hub,
    /// Name of the lock.
    pub(crate) scope: String,
    pub(crate) store: Option<Rc<dyn StateStore>>,
    pub(crate) bus: Option<Rc<dyn Bus>>,
    pub(crate) locks: Option<Rc<dyn TabLocks>>,
}

/// Runs the coordinator of one tab.
pub struct TabCoordinator {
    machine: Coordinator,
    supplies: Supplies,
    timer: Timer,
    listening: Option<Listening>,
    lock: Option<HeldLock>,
    /// Waits for the lock, or for its loss.
    lock_task: Option<SpawnHandle>,
    /// Counts what was asked of the lock manager: a request that was taken back may still be answered.
    lock_asks: u64,
    /// The client of this run, and who tells what it does.
    client: Option<(Client, Rc<Reporter>)>,
    receipts: BTreeMap<Uuid, oneshot::Sender<Outcome>>,
}

/// A message from the application.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct SendText {
    pub(crate) id: Uuid,
    pub(crate) text: String,
    pub(crate) outcome: oneshot::Sender<Outcome>,
}

impl TabCoordinator {
    pub(crate) const fn new(machine: Coordinator, supplies: Supplies) -> Self {
        Self {
            machine,
            supplies,
            timer: Timer { armed: None },
            listening: None,
            lock: None,
            lock_task: None,
            lock_asks: 0,
            client: None,
            receipts: BTreeMap::new(),
        }
    }

    fn step(&mut self, input: Input, ctx: &mut Context<Self>) {
        let mut effects = Vec::new();
        self.machine.on(self.supplies.clock.now(), input, &mut effects);
        for effect in effects {
            self.carry_out(effect, ctx);
        }
        let deadline = self.machine.next_deadline();
        self.timer.arm(ctx, &self.supplies.clock, deadline, |act: &mut Self, ctx| {
            act.timer.fired();
            act.step(Input::Tick, ctx);
        });
    }

    fn carry_out(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::Post(text) => self.post(&text, ctx),
            Effect::AskLock(ask) => self.ask_lock(ask, ctx),
            Effect::LetGoLock => self.let_go(ctx),
            Effect::Read { op, from, to } => {
                let Some(store) = &self.supplies.store else { return };
                let read = store.read(&from, &to).into_actor(self);
                ctx.spawn(read.map(move |result, act, ctx| act.step(Input::Read(op, result), ctx)));
            }
            Effect::Claim(op) => {
                let Some(store) = &self.supplies.store else { return };
                let claim = store.claim().into_actor(self);
                let claim =
                    claim.map(move |result, act, ctx| act.step(Input::Claimed(op, result), ctx));
                ctx.spawn(claim);
            }
            Effect::Commit { op, epoch, writes } => {
                let Some(store) = &self.supplies.store else { return };
                let commit = store.commit(epoch, writes).into_actor(self);
                let commit =
                    commit.map(move |result, act, ctx| act.step(Input::Committed(op, result), ctx));
                ctx.spawn(commit);
            }
            Effect::StartClient { run, saved } => self.start_client(run, *saved, ctx),
            Effect::StopClient => self.stop_client(ctx),
            Effect::LeaveClient => {
                let Some((client, tell)) = &self.client else { return };
                let tell = Rc::clone(tell);
                let left = client.hand_over(move || tell.say(FromClient::Left));
                ctx.spawn(left.into_actor(self));
            }
            Effect::Submit(draft) => {
                if let Some((client, _)) = &self.client {
                    client.submit(draft);
                }
            }
            Effect::ReconnectClient => {
                if let Some((client, _)) = &self.client {
                    client.reconnect();
                }
            }
            Effect::Show(message) => self.publish(Event::Inbound(message)),
            Effect::Accepted(id) => self.publish(Event::Accepted { id }),
            Effect::Settle(id, outcome) => self.settle(id, outcome),
            Effect::State(state) => self.publish(Event::State(state)),
            Effect::Holder(holder) => self.publish(Event::Holder(holder)),
            Effect::Notice(notice) => self.publish(Event::Notice(notice)),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "an event is made to be published")]
    fn publish(&self, event: Event) {
        self.supplies.hub.publish(&event);
    }

    fn post(&self, text: &str, ctx: &mut Context<Self>) {
        let posted = self.supplies.bus.as_ref().map(|bus| bus.post(text));
        if let Some(Err(error)) = posted {
            ctx.notify(Do(Input::Mute(error.to_string())));
        }
    }

    fn ask_lock(&mut self, ask: Ask, ctx: &mut Context<Self>) {
        self.let_go(ctx);
        let Some(locks) = &self.supplies.locks else { return };
        let request = locks.request(&self.supplies.scope, ask).into_actor(self);
        let asked = self.lock_asks;
        self.lock_task = Some(ctx.spawn(request.map(move |result, act: &mut Self, ctx| {
            if act.lock_asks == asked {
                act.lock_answered(result, ctx);
            }
        })));
    }

    fn lock_answered(&mut self, result: Result<HeldLock, LocksError>, ctx: &mut Context<Self>) {
        self.lock_task = None;
        match result {
            Ok(mut lock) => {
                if let Some(mut lost) = lock.take_lost() {
                    // Stolen before this tab ran again: it has never had it.
                    if (&mut lost).now_or_never().is_some() {
                        return self.step(Input::LockLost, ctx);
                    }
                    let asked = self.lock_asks;
                    let lost = lost.into_actor(self).map(move |(), act: &mut Self, ctx| {
                        if act.lock_asks == asked {
                            act.lock_task = None;
                            act.lock = None;
                            act.step(Input::LockLost, ctx);
                        }
                    });
                    self.lock_task = Some(ctx.spawn(lost));
                }
                self.lock = Some(lock);
                self.step(Input::LockGranted, ctx);
            }
            Err(error) => self.step(Input::LockFailed(error.to_string()), ctx),
        }
    }

    fn let_go(&mut self, ctx: &mut Context<Self>) {
        self.lock_asks += 1;
        if let Some(task) = self.lock_task.take() {
            ctx.cancel_future(task);
        }
        self.lock = None;
    }

    fn start_client(&mut self, run: u64, saved: Saved, ctx: &Context<Self>) {
        let config = self.supplies.config.of_run(run);
        let (http, clock) = (self.supplies.http.clone(), self.supplies.clock.clone());
        let tell = Rc::new(Reporter { run, coordinator: ctx.address() });
        let journal = Bridge { saved, tell: Rc::clone(&tell) };
        let observer = Rc::clone(&tell);
        let observer = Rc::new(move |event: &Event| observer.event(event));
        let client = Client::start_observed(config, http, clock, Box::new(journal), observer)
            .expect("the configuration was checked when the tab was opened");
        self.client = Some((client, tell));
    }

    fn stop_client(&mut self, ctx: &mut Context<Self>) {
        let Some((client, _)) = self.client.take() else { return };
        let left = client.leave();
        ctx.spawn(
            async move {
                left.await;
                drop(client);
            }
            .into_actor(self),
        );
    }

    fn settle(&mut self, id: Uuid, outcome: Outcome) {
        self.publish(match &outcome {
            Outcome::Delivered => Event::Delivered { id },
            Outcome::Failed(reason) => Event::Failed { id, reason: reason.clone() },
        });
        if let Some(receipt) = self.receipts.remove(&id) {
            // The application may have dropped its receipt; the event has told the others.
            let _ = receipt.send(outcome);
        }
    }
}

/// Tells the coordinator what its client does, in the order in which it does it.
struct Reporter {
    run: u64,
    coordinator: Addr<TabCoordinator>,
}

impl Reporter {
    fn event(&self, event: &Event) {
        if let Some(said) = FromClient::from_event(event.clone()) {
            self.say(said);
        }
    }

    fn say(&self, said: FromClient) {
        self.coordinator.do_send(Do(Input::Client(self.run, said)));
    }
}

/// The journal of the leader's client: the coordinator's store, by way of its machine.
struct Bridge {
    saved: Saved,
    tell: Rc<Reporter>,
}

impl Journal for Bridge {
    fn load(&mut self) -> Result<Saved, JournalError> {
        Ok(std::mem::take(&mut self.saved))
    }

    fn record(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.tell.say(FromClient::Remember(entry.clone()));
        Ok(())
    }
}

impl Actor for TabCoordinator {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let hears = ctx.address();
        self.listening = self
            .supplies
            .bus
            .as_ref()
            .map(|bus| bus.listen(Box::new(move |text| hears.do_send(Do(Input::Heard(text))))));
    }
}

impl Handler<Do<Input>> for TabCoordinator {
    type Result = ();

    fn handle(&mut self, Do(input): Do<Input>, ctx: &mut Self::Context) {
        self.step(input, ctx);
    }
}

impl Handler<SendText> for TabCoordinator {
    type Result = ();

    fn handle(&mut self, message: SendText, ctx: &mut Self::Context) {
        let SendText { id, text, outcome } = message;
        self.receipts.insert(id, outcome);
        self.step(Input::Send { id, text }, ctx);
    }
}

impl Handler<ShutDown> for TabCoordinator {
    type Result = ();

    fn handle(&mut self, ShutDown(done): ShutDown, ctx: &mut Self::Context) {
        let client = self.client.take();
        self.step(Input::Disconnect, ctx);
        let left = client.as_ref().map(|(client, _)| client.leave());
        let end = async move {
            if let Some(left) = left {
                left.await;
            }
            drop((client, done));
        };
        ctx.spawn(end.into_actor(self).map(|(), _, ctx| ctx.stop()));
    }
}

impl Handler<Halt> for TabCoordinator {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
