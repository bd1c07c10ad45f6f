//! The browser of the pure tier: the very one of the full tier, on a runtime that is nothing but
//! alarms and a list of orders.
//!
//! Whoever waits in it is woken by an alarm, by mail at a door or by another part of the browser; what
//! the pages want of the network is written down and carried out when all of them are still.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use holdline_client::{Config, Timers};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::page;
use crate::net::{HostName, HostNet, NetListener, NetStream, NowFn, Program};
use crate::plan::{BrowserSettings, Plan};
use crate::subjects::Setting;
use crate::world::browser::{Again, Page, TabId};
use crate::world::pure::World;
use crate::world::pure::transport::{Caller, House, MailDoor, Op};
use crate::world::site::{Site, lane};

/// Waits end at whole milliseconds, as tokio's do.
const TICK: Duration = Duration::from_millis(1);

/// What pages want of the world.
pub(in crate::world::pure) enum Order {
    MoveIn(u64, TabId, Rc<MailDoor>),
    Op(Caller, Op),
    Cut(u64),
    /// Whoever waits for it is told by the drop of this.
    MoveOut(u64, Option<oneshot::Sender<()>>),
}

/// What a page runs on. Clones are the same.
#[derive(Clone)]
pub(super) struct Runtime(Rc<Inner>);

struct Inner {
    now: NowFn,
    alarms: RefCell<BTreeMap<(Duration, u64), Waker>>,
    orders: RefCell<VecDeque<Order>>,
    last: Cell<u64>,
}

impl Runtime {
    fn new(now: NowFn) -> Self {
        let (alarms, orders) = (RefCell::default(), RefCell::default());
        Self(Rc::new(Inner { now, alarms, orders, last: Cell::new(0) }))
    }

    pub(super) fn now(&self) -> Duration {
        (self.0.now)()
    }

    pub(super) fn op(&self, caller: Caller, op: Op) {
        self.order(Order::Op(caller, op));
    }

    fn order(&self, order: Order) {
        self.0.orders.borrow_mut().push_back(order);
    }

    fn number(&self) -> u64 {
        self.0.last.set(self.0.last.get() + 1);
        self.0.last.get()
    }

    fn next_alarm(&self) -> Option<Duration> {
        self.0.alarms.borrow().first_key_value().map(|((at, _), _)| *at)
    }

    /// Wakes everybody whose time has come.
    fn ring(&self) {
        let now = self.now();
        loop {
            let mut alarms = self.0.alarms.borrow_mut();
            let Some(first) = alarms.first_entry().filter(|first| first.key().0 <= now) else {
                return;
            };
            let waker = first.remove();
            drop(alarms);
            waker.wake();
        }
    }
}

/// One alarm, set anew whenever its owner likes.
pub(super) struct Alarm {
    runtime: Runtime,
    set: Option<(Duration, u64)>,
}

impl Alarm {
    pub(super) fn new(runtime: &Runtime) -> Self {
        Self { runtime: runtime.clone(), set: None }
    }

    pub(super) fn set(&mut self, at: Option<Duration>, waker: &Waker) {
        let at = at.map(whole);
        let mut alarms = self.runtime.0.alarms.borrow_mut();
        if let Some(set) = self.set
            && at == Some(set.0)
            && alarms.contains_key(&set)
        {
            return;
        }
        self.set.take().map(|set| alarms.remove(&set));
        self.set = at.map(|at| {
            let set = (at, self.runtime.number());
            alarms.insert(set, waker.clone());
            set
        });
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.set.take().map(|set| self.runtime.0.alarms.borrow_mut().remove(&set));
    }
}

fn whole(at: Duration) -> Duration {
    Duration::from_millis(at.as_nanos().div_ceil(TICK.as_nanos()) as u64)
}

impl Timers for Runtime {
    fn sleep(&self, wait: Duration) -> LocalBoxFuture<'static, ()> {
        let due = self.now() + wait;
        let (runtime, mut alarm) = (self.clone(), Alarm::new(self));
        Box::pin(std::future::poll_fn(move |cx| {
            if runtime.now() >= whole(due) {
                return std::task::Poll::Ready(());
            }
            alarm.set(Some(due), cx.waker());
            std::task::Poll::Pending
        }))
    }
}

/// A page's place in the network, until it is dropped.
pub(super) struct Lease {
    runtime: Runtime,
    house: u64,
    door: Rc<MailDoor>,
    ended: bool,
}

impl Lease {
    pub(super) fn new(runtime: &Runtime, page: &Page) -> Self {
        let (house, door) = (runtime.number(), Rc::<MailDoor>::default());
        runtime.order(Order::MoveIn(house, page.id(), Rc::clone(&door)));
        let cuts = runtime.clone();
        page.when_cut(move || cuts.order(Order::Cut(house)));
        Self { runtime: runtime.clone(), house, door, ended: false }
    }

    pub(super) fn house(&self) -> u64 {
        self.house
    }

    pub(super) fn door(&self) -> &MailDoor {
        &self.door
    }

    /// `done` is dropped when nothing is left.
    pub(super) fn end(&mut self, done: Option<oneshot::Sender<()>>) {
        if !std::mem::replace(&mut self.ended, true) {
            self.runtime.order(Order::MoveOut(self.house, done));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end(None);
    }
}

/// The browser's host, on or off.
pub(in crate::world::pure) struct Tabs {
    pub(in crate::world::pure) site: Site,
    program: Program,
    runtime: Runtime,
    running: Option<LocalSet>,
    again: Arc<Again>,
}

impl Tabs {
    pub(in crate::world::pure) fn new(
        settings: &BrowserSettings,
        plan: &Plan,
        setting: &Setting,
        config: Config,
        now: NowFn,
    ) -> Self {
        let runtime = Runtime::new(NowFn::clone(&now));
        let timers = Rc::new(runtime.clone());
        let log = setting.log.clone();
        let database = crate::world::browser::store::DATABASE;
        let site = Site::timed(settings, plan, database, now, timers, log);
        let pages = runtime.clone();
        let program = site.program(
            Rc::new(move |page, setting| {
                let config = Config { seed: setting.seed, ..config.clone() };
                Box::pin(page::run(page, setting, config, pages.clone()))
            }),
            setting,
        );
        Self { site, program, runtime, running: None, again: Arc::default() }
    }

    pub(in crate::world::pure) fn start(&mut self, world: &mut World) {
        let set = LocalSet::new();
        let now = NowFn::clone(&self.runtime.0.now);
        set.spawn_local((self.program)(Rc::new(Nowhere(now))));
        self.running = Some(set);
        self.again.set();
        self.run(world);
    }

    pub(in crate::world::pure) fn crash(&mut self, world: &mut World) {
        self.running = None;
        self.run(world);
    }

    pub(in crate::world::pure) fn next_tick(&self) -> Option<Duration> {
        self.runtime.next_alarm()
    }

    /// Whether the tab's page does not run.
    pub(in crate::world::pure) fn sleeps(&self, tab: TabId) -> bool {
        self.site.sleeps(tab)
    }

    /// Lets everything in the browser run that can, and carries out what it wants.
    pub(in crate::world::pure) fn run(&mut self, world: &mut World) {
        self.runtime.ring();
        let waker = Waker::from(Arc::clone(&self.again));
        let mut cx = Context::from_waker(&waker);
        loop {
            while self.again.take() {
                if let Some(set) = &mut self.running {
                    let _ = set.poll_unpin(&mut cx);
                }
            }
            let orders = std::mem::take(&mut *self.runtime.0.orders.borrow_mut());
            if orders.is_empty() && !world.deliver_held(|tab| self.sleeps(tab)) {
                return;
            }
            for order in orders {
                match order {
                    Order::MoveIn(house, tab, door) => {
                        world.houses.insert(house, House::new(lane(tab), Some(tab), door));
                    }
                    Order::Op(caller, op) => world.carry_out_op(caller, op),
                    Order::Cut(house) => world.cut_house(house),
                    Order::MoveOut(house, done) => {
                        world.leave_house(house);
                        drop(done);
                    }
                }
            }
        }
    }
}

/// The network that programs see, of which they need nothing but the time.
struct Nowhere(NowFn);

impl HostNet for Nowhere {
    fn connect(&self, _: HostName, _: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }

    fn listen(&self, _: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        Box::pin(std::future::ready(Err(io::ErrorKind::Unsupported.into())))
    }

    fn now(&self) -> Duration {
        (self.0)()
    }
}
