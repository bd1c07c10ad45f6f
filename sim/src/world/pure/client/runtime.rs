//! What a browser of the pure tier runs on: alarms in place of a timer wheel, and a list of what the
//! pages want of the network.
//!
//! Refuses to carry anything out: `browser` does, when all pages are still.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use holdline_client::Timers;
use tokio::sync::oneshot;

use crate::trace::log::cut_to_millis;
use crate::world::pure::transport::{ClientRef, MailInbox, Op};
use holdline_browser::{Page, TabId};
use holdline_net::NowFn;

/// Waits end at whole milliseconds, as tokio's do.
const TICK: Duration = Duration::from_millis(1);

/// What pages want of the world.
pub(super) enum Order {
    Attach(u64, TabId, Rc<MailInbox>),
    Op(ClientRef, Op),
    Cut(u64),
    /// Whoever waits for it is told by the drop of this.
    Detach(u64, Option<oneshot::Sender<()>>),
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
    pub(super) fn new(now: NowFn) -> Self {
        let (alarms, orders) = (RefCell::default(), RefCell::default());
        Self(Rc::new(Inner { now, alarms, orders, last: Cell::new(0) }))
    }

    pub(super) fn now(&self) -> Duration {
        (self.0.now)()
    }

    pub(super) fn op(&self, owner: ClientRef, op: Op) {
        self.order(Order::Op(owner, op));
    }

    fn order(&self, order: Order) {
        self.0.orders.borrow_mut().push_back(order);
    }

    pub(super) fn clock(&self) -> NowFn {
        NowFn::clone(&self.0.now)
    }

    pub(super) fn take_orders(&self) -> VecDeque<Order> {
        std::mem::take(&mut *self.0.orders.borrow_mut())
    }

    fn number(&self) -> u64 {
        self.0.last.set(self.0.last.get() + 1);
        self.0.last.get()
    }

    pub(super) fn next_alarm(&self) -> Option<Duration> {
        self.0.alarms.borrow().first_key_value().map(|((at, _), _)| *at)
    }

    /// Wakes everybody whose time has come.
    pub(super) fn fire(&self) {
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
    let begun = cut_to_millis(at);
    if begun < at { begun + TICK } else { begun }
}

impl Timers for Runtime {
    fn sleep(&self, wait: Duration) -> LocalBoxFuture<'static, ()> {
        let due = self.now() + wait;
        let (runtime, mut alarm) = (self.clone(), Alarm::new(self));
        Box::pin(poll_fn(move |cx| {
            if runtime.now() >= whole(due) {
                return Poll::Ready(());
            }
            alarm.set(Some(due), cx.waker());
            Poll::Pending
        }))
    }
}

/// A page's place in the network, until it is dropped.
pub(super) struct Lease {
    runtime: Runtime,
    process: u64,
    inbox: Rc<MailInbox>,
    ended: bool,
}

impl Lease {
    pub(super) fn new(runtime: &Runtime, page: &Page) -> Self {
        let (process, inbox) = (runtime.number(), Rc::<MailInbox>::default());
        runtime.order(Order::Attach(process, page.id(), Rc::clone(&inbox)));
        let cuts = runtime.clone();
        page.when_cut(move || cuts.order(Order::Cut(process)));
        Self { runtime: runtime.clone(), process, inbox, ended: false }
    }

    pub(super) fn process(&self) -> u64 {
        self.process
    }

    pub(super) fn inbox(&self) -> &MailInbox {
        &self.inbox
    }

    /// `done` is dropped when nothing is left.
    pub(super) fn end(&mut self, done: Option<oneshot::Sender<()>>) {
        if !std::mem::replace(&mut self.ended, true) {
            self.runtime.order(Order::Detach(self.process, done));
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end(None);
    }
}
