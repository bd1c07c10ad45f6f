//! A browser on one host of the simulation: tabs, and what they share.
//!
//! Map, from the outside in:
//!
//! - [`Browser`]: the handle for whoever directs; what can be done to tabs is in `window`,
//!   made of the small changes in `tabs`.
//! - `host`: what runs on the browser's host; `tab`: the executor of one tab, fed by its `inbox`;
//!   `agent`: one life of a page in it.
//! - [`Page`]: what the program of a tab is given. **Start here**, or with `tests/browser`.
//! - `timers`, `sockets`, `channel`, `locks`: what a page can use, with the edges that hurt;
//!   `broadcast` carries what channels post.
//! - [`idb`]: the database; [`worker`]: the service worker; [`store`]: the client's store over them.
//! - `client_adapters`: the channel and the locks in the terms of the client's traits.
//! - [`BrowserSettings`]: where real browsers differ.
//!
//! Refuses to know chat: pages run any program.

mod agent;
mod broadcast;
mod channel;
mod client_adapters;
mod event;
mod host;
pub mod idb;
mod inbox;
mod locks;
mod page;
mod settings;
mod sockets;
pub mod store;
mod tab;
mod tabs;
mod timer_source;
mod timers;
mod window;
pub mod worker;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::LocalBoxFuture;
use holdline_client::Timers;
use tokio::task::LocalSet;

use self::broadcast::Channels;
use self::host::Arrivals;
use self::idb::Idb;
use self::locks::LockManager;
use self::tabs::Tab;
pub use self::timer_source::tokio_timers;
use self::worker::Worker;
use holdline_net::NowFn;

pub use self::agent::PollAgain;
pub use self::channel::{Channel, ChannelError, Value};
pub use self::client_adapters::{PageBus, PageLocks};
pub use self::event::{AgentId, PageEvent, TabError, TabEvent, TabId, letter};
pub use self::locks::{Lock, LockError, LockRequest, Locks};
pub use self::page::{Page, PageEvents};
pub use self::settings::{BrowserSettings, FrozenChannel, TABS_MAX};
pub use self::timers::PageTimers;

/// Keeps the storage's delays apart from what else comes from the same seed.
const SEED_OF_STORAGE: u64 = 0x005_7012e;

/// Makes the program of a page.
pub type Make = Rc<dyn Fn(Page) -> LocalBoxFuture<'static, ()>>;
/// Is told what happens to tabs, at the moment it is asked for.
pub type Observer = Rc<dyn Fn(TabId, TabEvent)>;

/// A browser. The handle lives outside its host, survives a crash of it, and clones are the same.
#[derive(Clone)]
pub struct Browser(Rc<Inner>);

struct Inner {
    settings: BrowserSettings,
    now: NowFn,
    observer: Observer,
    up: Cell<bool>,
    tabs: RefCell<BTreeMap<TabId, Tab>>,
    arrivals: Arrivals,
    channels: Rc<Channels>,
    locks: Rc<LockManager>,
    idb: Idb,
    /// What runs on the host and in no page.
    background: Rc<LocalSet>,
    worker: OnceCell<Worker>,
    agents: Cell<u64>,
}

impl Browser {
    /// A browser without tabs; the seed feeds the delays of its channels.
    #[must_use]
    pub fn new(settings: BrowserSettings, seed: u64, now: NowFn, observer: Observer) -> Self {
        Self::timed(settings, seed, now, tokio_timers(), observer)
    }

    /// The same in a world that has timers of its own.
    #[must_use]
    pub fn timed(
        settings: BrowserSettings,
        seed: u64,
        now: NowFn,
        timers: Rc<dyn Timers>,
        observer: Observer,
    ) -> Self {
        let lent = Rc::clone(&timers);
        let channels = Rc::new(Channels::new(&settings, seed, NowFn::clone(&now), lent));
        let storage = settings.of_storage();
        let idb = Idb::timed(storage, seed ^ SEED_OF_STORAGE, timers);
        Self(Rc::new(Inner {
            settings,
            now,
            observer,
            up: Cell::new(false),
            tabs: RefCell::default(),
            arrivals: Arrivals::default(),
            channels,
            locks: Rc::default(),
            idb,
            background: Rc::default(),
            worker: OnceCell::new(),
            agents: Cell::new(0),
        }))
    }

    /// What kind of browser it is.
    #[must_use]
    pub fn settings(&self) -> &BrowserSettings {
        &self.0.settings
    }

    /// What the site has stored. It survives everything but "clear site data".
    #[must_use]
    pub fn idb(&self) -> &Idb {
        &self.0.idb
    }

    /// The service worker, as soon as the browser runs; whether it is registered is up to pages.
    #[must_use]
    pub fn worker(&self) -> Option<&Worker> {
        self.0.worker.get()
    }

    /// Runs something that is part of no page.
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.0.background.spawn_local(task);
    }

    fn clock(&self) -> NowFn {
        NowFn::clone(&self.0.now)
    }

    fn is_up(&self) -> bool {
        self.0.up.get()
    }

    fn new_agent(&self) -> AgentId {
        let agent = self.0.agents.get();
        self.0.agents.set(agent + 1);
        AgentId(agent)
    }

    fn channels(&self) -> &Rc<Channels> {
        &self.0.channels
    }

    fn locks(&self) -> &Rc<LockManager> {
        &self.0.locks
    }

    fn observe(&self, tab: TabId, event: TabEvent) {
        (self.0.observer)(tab, event);
    }
}
