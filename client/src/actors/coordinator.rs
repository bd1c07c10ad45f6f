//! The shell around the tab coordinator: the channel, the lock, the store, and the client that the
//! leader runs.

use std::collections::BTreeMap;
use std::rc::Rc;

use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, Addr, AsyncContext as _, Context, Handler,
    Message, SpawnHandle, WrapFuture as _,
};
use futures_util::future::LocalBoxFuture;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::timer::Timer;
use super::{Do, Halt, ShutDown};
use crate::client::Client;
use crate::clock::Clock;
use crate::core::config::Config;
use crate::core::coordinator::{Coordinator, FromClient, Input};
use crate::core::journal::{Entry, Saved};
use crate::core::outbox::Draft;
use crate::core::types::{Event, Outcome};
use crate::events::Hub;
use crate::journal::{Journal, JournalError};
use crate::tabs::shell::{LockRequest, TabShell, carry_out, lock_answer};
use crate::tabs::{HeldLock, Listening, LocksError, Platform};
use crate::transport::Http;

/// What the actor is given.
pub(crate) struct Supplies {
    pub(crate) config: Config,
    pub(crate) http: Http,
    pub(crate) clock: Clock,
    pub(crate) hub: Hub,
    /// Name of the lock.
    pub(crate) scope: String,
    pub(crate) platform: Platform,
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
        let scope = self.supplies.scope.clone();
        for effect in effects {
            carry_out(effect, &scope, &mut Acting { act: self, ctx });
        }
        let deadline = self.machine.next_deadline();
        self.timer.arm(ctx, &self.supplies.clock, deadline, |act: &mut Self, ctx| {
            act.timer.fired();
            act.step(Input::Tick, ctx);
        });
    }

    fn lock_answered(&mut self, result: Result<HeldLock, LocksError>, ctx: &mut Context<Self>) {
        self.lock_task = None;
        let (input, granted) = lock_answer(result);
        if let Some((lock, lost)) = granted {
            self.lock = Some(lock);
            let asked = self.lock_asks;
            self.lock_task = lost.map(|lost| {
                ctx.spawn(lost.into_actor(self).map(move |(), act: &mut Self, ctx| {
                    if act.lock_asks == asked {
                        act.lock_task = None;
                        act.lock = None;
                        act.step(Input::LockLost, ctx);
                    }
                }))
            });
        }
        self.step(input, ctx);
    }
}

/// The actor while it handles something.
struct Acting<'a> {
    act: &'a mut TabCoordinator,
    ctx: &'a mut Context<TabCoordinator>,
}

impl TabShell for Acting<'_> {
    fn platform(&self) -> &Platform {
        &self.act.supplies.platform
    }

    fn tell(&mut self, input: Input) {
        self.ctx.notify(Do(input));
    }

    fn tell_later(&mut self, input: LocalBoxFuture<'static, Input>) {
        let input = input.into_actor(self.act);
        self.ctx.spawn(input.map(|input, act, ctx| act.step(input, ctx)));
    }

    fn wait_for_lock(&mut self, request: LockRequest) {
        let asked = self.act.lock_asks;
        let request = request.into_actor(self.act);
        let answered = request.map(move |result, act: &mut TabCoordinator, ctx| {
            if act.lock_asks == asked {
                act.lock_answered(result, ctx);
            }
        });
        self.act.lock_task = Some(self.ctx.spawn(answered));
    }

    fn release_lock(&mut self) {
        self.act.lock_asks += 1;
        if let Some(task) = self.act.lock_task.take() {
            self.ctx.cancel_future(task);
        }
        self.act.lock = None;
    }

    fn publish(&mut self, event: Event) {
        self.act.supplies.hub.publish(&event);
        if let Some((id, outcome)) = event.outcome()
            && let Some(receipt) = self.act.receipts.remove(&id)
        {
            // The application may have dropped its receipt; the event has told the others.
            let _ = receipt.send(outcome);
        }
    }

    fn start_client(&mut self, run: u64, saved: Saved) {
        let Supplies { config, http, clock, .. } = &self.act.supplies;
        let tell = Rc::new(Reporter { run, coordinator: self.ctx.address() });
        let journal = Bridge { saved, tell: Rc::clone(&tell) };
        let observer = Rc::clone(&tell);
        let observer = Rc::new(move |event: &Event| observer.event(event));
        let (config, journal) = (config.of_run(run), Box::new(journal));
        let client = Client::start_observed(config, http.clone(), clock.clone(), journal, observer)
            .expect("the configuration was checked when the tab was opened");
        self.act.client = Some((client, tell));
    }

    fn stop_client(&mut self) {
        let Some((client, _)) = self.act.client.take() else { return };
        let left = client.leave();
        let end = async move {
            left.await;
            drop(client);
        };
        self.ctx.spawn(end.into_actor(self.act));
    }

    fn leave_client(&mut self) {
        let Some((client, tell)) = &self.act.client else { return };
        let tell = Rc::clone(tell);
        let left = client.hand_over(move || tell.say(FromClient::Left));
        self.ctx.spawn(left.into_actor(self.act));
    }

    fn submit(&mut self, draft: Draft) {
        if let Some((client, _)) = &self.act.client {
            client.submit(draft);
        }
    }

    fn reconnect_client(&mut self) {
        if let Some((client, _)) = &self.act.client {
            client.reconnect();
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
        let hear = Box::new(move |text| hears.do_send(Do(Input::Heard(text))));
        self.listening = self.supplies.platform.bus.as_ref().ok().map(|bus| bus.listen(hear));
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
