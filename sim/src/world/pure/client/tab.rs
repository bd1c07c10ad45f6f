//! The coordinator of one tab and the clients that it starts and stops, polled as one task.

use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use holdline_client::core::coordinator::{Coordinator, FromClient, Input};
use holdline_client::core::outbox::Draft;
use holdline_client::core::session;
use holdline_client::tabs::shell::{LockRequest, TabShell, carry_out, lock_answer};
use holdline_client::tabs::{HeldLock, Listening, Platform};
use holdline_client::{Config, Entry, Event, Instant, Notice, Now, Saved, Wall};
use tokio::sync::oneshot;

use super::page::PageInput;
use super::runtime::{Alarm, Lease, Runtime};
use super::{Client, Shell};
use crate::subjects::holdline::tab::{SCOPE, Witness};
use crate::trace::Log;
use crate::world::pure::transport::{ClientRef, Inbox, Op};
use holdline_browser::Page;

/// A tab that always has something to do at this moment goes on at the next alarm.
const TURNS_MAX: u32 = 64;

/// What a tab is given.
pub(super) struct PageEnv {
    pub(super) page: Page,
    pub(super) platform: Platform,
    pub(super) runtime: Runtime,
    pub(super) lease: Lease,
    pub(super) inputs: Rc<Inbox<PageInput>>,
    pub(super) witness: Witness,
    pub(super) started: Duration,
    pub(super) wall_at_start: Duration,
}

/// See the module's documentation.
pub(super) struct Tab {
    coordinator: Coordinator,
    config: Config,
    log: Log,
    env: PageEnv,
    alarm: Alarm,
    listening: Option<Listening>,
    asked_lock: Option<LockRequest>,
    lock: Option<HeldLock>,
    lost: Option<LocalBoxFuture<'static, ()>>,
    /// What the store was asked.
    store: FuturesUnordered<LocalBoxFuture<'static, Input>>,
    client: Option<Running>,
    leaving: Vec<Running>,
    /// For the coordinator, in order.
    inputs: VecDeque<Input>,
    ending: Option<oneshot::Sender<()>>,
}

struct Running {
    run: u64,
    owner: ClientRef,
    client: Client,
}

/// What a client does goes to the coordinator, what it wants to the network.
struct ClientShell<'a> {
    run: u64,
    owner: ClientRef,
    runtime: &'a Runtime,
    inputs: &'a mut VecDeque<Input>,
}

impl ClientShell<'_> {
    fn say(&mut self, said: FromClient) {
        self.inputs.push_back(Input::Client(self.run, said));
    }
}

impl Shell for ClientShell<'_> {
    fn op(&mut self, op: Op) {
        self.runtime.op(self.owner, op);
    }

    fn publish(&mut self, event: Event) {
        if let Some(said) = FromClient::from_event(event) {
            self.say(said);
        }
    }

    fn record(&mut self, entry: Entry) {
        self.say(FromClient::Remember(entry));
    }

    fn left(&mut self) {
        self.say(FromClient::Left);
    }
}

impl Tab {
    pub(super) fn new(coordinator: Coordinator, config: Config, log: Log, env: PageEnv) -> Self {
        let inputs = Rc::clone(&env.inputs);
        let hear = move |text| inputs.put(PageInput::Input(Input::Heard(text)));
        let listening = env.platform.bus.as_ref().ok().map(|bus| bus.listen(Box::new(hear)));
        Self {
            coordinator,
            config,
            log,
            alarm: Alarm::new(&env.runtime),
            env,
            listening,
            asked_lock: None,
            lock: None,
            lost: None,
            store: FuturesUnordered::new(),
            client: None,
            leaving: Vec::new(),
            inputs: VecDeque::new(),
            ending: None,
        }
    }

    /// Does what there is to do at this moment. Ready when it has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.env.inputs.watch(cx.waker());
        self.env.lease.inbox().watch(cx.waker());
        let mut turns = 0;
        let next = loop {
            let now = self.env.runtime.now();
            turns += 1;
            if turns > TURNS_MAX {
                break Some(now);
            }
            self.hear();
            if self.work() || self.hear_browser(cx) {
                continue;
            }
            let next = self.deadlines().map(|at| self.rings_at(at)).min();
            if next.is_none_or(|at| at > now) {
                break next;
            }
            self.tick();
        };
        if self.ending.is_some() && self.leaving.is_empty() {
            (self.asked_lock, self.lost, self.lock) = (None, None, None);
            self.listening = None;
            self.alarm.set(None, cx.waker());
            self.env.lease.end(self.ending.take());
            return Poll::Ready(());
        }
        self.alarm.set(next, cx.waker());
        Poll::Pending
    }

    /// Collects what has come in.
    fn hear(&mut self) {
        while let Some(asked) = self.env.inputs.take() {
            match asked {
                PageInput::Input(input) => self.inputs.push_back(input),
                PageInput::End(done) => self.end(done),
            }
        }
        while let Some((owner, mail)) = self.env.lease.inbox().take() {
            let mut running = self.client.iter_mut().chain(&mut self.leaving);
            if let Some(running) = running.find(|running| running.owner == owner) {
                running.client.take(mail);
            }
        }
    }

    /// Takes one answer of the browser, which the coordinator hears at once: what comes before it may
    /// take a request for the lock back. Whether there was one.
    fn hear_browser(&mut self, cx: &mut Context<'_>) -> bool {
        let asked = self.asked_lock.as_mut().map(|lock| lock.poll_unpin(cx));
        let lost = self.lost.as_mut().map(|lost| lost.poll_unpin(cx));
        let input = if let Some(Poll::Ready(result)) = asked {
            self.asked_lock = None;
            let (input, granted) = lock_answer(result);
            (self.lock, self.lost) =
                granted.map_or((None, None), |(lock, lost)| (Some(lock), lost));
            input
        } else if let Some(Poll::Ready(())) = lost {
            (self.lost, self.lock) = (None, None);
            Input::LockLost
        } else if let Poll::Ready(Some(input)) = self.store.poll_next_unpin(cx) {
            input
        } else {
            return false;
        };
        self.step(self.clock(), input);
        true
    }

    /// Lets the machines take what is there for them. Whether there was anything.
    fn work(&mut self) -> bool {
        let now = self.clock();
        let mut worked = false;
        while let Some(input) = self.inputs.pop_front() {
            self.step(now, input);
            worked = true;
        }
        let Self { client, leaving, env, inputs, .. } = self;
        for running in client.iter_mut().chain(&mut *leaving) {
            let Running { run, owner, client } = running;
            worked |= !client.engine.is_drained();
            let mut shell = ClientShell { run: *run, owner: *owner, runtime: &env.runtime, inputs };
            client.run(now, &mut shell);
        }
        leaving.retain(|running| {
            let over = running.client.is_over();
            if over {
                env.runtime.op(running.owner, Op::Drop);
            }
            !over
        });
        worked || !inputs.is_empty()
    }

    /// Tells the machines whose deadline has come.
    fn tick(&mut self) {
        let Self { env, coordinator, client, leaving, inputs, .. } = self;
        let moment = env.runtime.now();
        let is_due = |at: Instant| rings_at(&env.page, env.started, at) <= moment;
        if coordinator.next_deadline().is_some_and(is_due) {
            inputs.push_back(Input::Tick);
        }
        for running in client.iter_mut().chain(leaving) {
            running.client.engine.handle_deadlines(is_due);
        }
    }

    fn deadlines(&self) -> impl Iterator<Item = Instant> {
        let clients = self.client.iter().chain(&self.leaving);
        let of_clients = clients.flat_map(|running| running.client.engine.deadlines());
        self.coordinator.next_deadline().into_iter().chain(of_clients)
    }

    fn rings_at(&self, at: Instant) -> Duration {
        rings_at(&self.env.page, self.env.started, at)
    }

    fn clock(&self) -> Now {
        let elapsed = self.env.runtime.now().saturating_sub(self.env.started);
        Now { mono: Instant::new(elapsed), wall: Wall::new(self.env.wall_at_start + elapsed) }
    }

    fn step(&mut self, now: Now, input: Input) {
        let mut effects = Vec::new();
        self.coordinator.on(now, input, &mut effects);
        for effect in effects {
            carry_out(effect, SCOPE, &mut Acting { tab: self, now });
        }
    }

    fn end(&mut self, done: oneshot::Sender<()>) {
        let now = self.clock();
        Acting { tab: self, now }.stop_client();
        self.inputs.push_back(Input::Disconnect);
        self.ending = Some(done);
    }
}

/// The tab while its coordinator is handled.
struct Acting<'a> {
    tab: &'a mut Tab,
    now: Now,
}

impl TabShell for Acting<'_> {
    fn platform(&self) -> &Platform {
        &self.tab.env.platform
    }

    fn tell(&mut self, input: Input) {
        self.tab.inputs.push_back(input);
    }

    fn tell_later(&mut self, input: LocalBoxFuture<'static, Input>) {
        self.tab.store.push(input);
    }

    fn wait_for_lock(&mut self, request: LockRequest) {
        self.tab.asked_lock = Some(request);
    }

    fn release_lock(&mut self) {
        (self.tab.asked_lock, self.tab.lost, self.tab.lock) = (None, None, None);
    }

    fn publish(&mut self, event: Event) {
        self.tab.env.witness.tell(event);
    }

    fn start_client(&mut self, run: u64, saved: Saved) {
        let Self { tab, now } = self;
        if let Some(old) = tab.client.take() {
            tab.env.runtime.op(old.owner, Op::Drop);
        }
        let owner = ClientRef { process: tab.env.lease.process(), client: run };
        let (client, _) = Client::new(tab.config.of_run(run), &saved, *now, tab.log.clone());
        tab.client = Some(Running { run, owner, client });
        for odd in saved.unreadable {
            let notice = FromClient::Notice(Notice::JournalFailed(odd));
            tab.inputs.push_back(Input::Client(run, notice));
        }
    }

    fn stop_client(&mut self) {
        let Tab { client, leaving, env, inputs, .. } = &mut *self.tab;
        if let Some(mut running) = client.take() {
            let (run, owner) = (running.run, running.owner);
            let mut shell = ClientShell { run, owner, runtime: &env.runtime, inputs };
            running.client.leave(&mut shell);
            leaving.push(running);
        }
    }

    fn leave_client(&mut self) {
        if let Some(running) = &mut self.tab.client {
            running.client.engine.hand_over();
        }
    }

    fn submit(&mut self, draft: Draft) {
        if let Some(running) = &mut self.tab.client {
            running.client.engine.handle_message(draft);
        }
    }

    fn reconnect_client(&mut self) {
        if let Some(running) = &mut self.tab.client {
            running.client.engine.handle(session::Input::Reconnect);
        }
    }
}

/// When a timer of the page rings that is set for this moment.
fn rings_at(page: &Page, started: Duration, at: Instant) -> Duration {
    let due = started + at.since_start();
    due + page.lateness(due)
}
