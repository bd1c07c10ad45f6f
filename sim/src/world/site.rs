//! The browser as the director handles it: it opens the plan's tabs, carries out what is done to them
//! and to what they share, and writes all of it into the log.
//!
//! Refuses to judge: what a browser does not do is told, and the run goes on.

mod words;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use holdline_client::Timers;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use self::words::id_of;
pub(super) use self::words::lane;
use crate::plan::{BrowserSettings, Do, Plan};
use crate::subjects::{Command, Commands, PageProgram, Setting};
use crate::trace::conditions::BrowserChange;
use crate::trace::reports::{Notice, Wish};
use crate::trace::{Kind, Lane, Log};
use holdline_browser::store::upgrade;
use holdline_browser::worker::Worker;
use holdline_browser::{Browser, Make, TabError, TabId, tokio_timers};
use holdline_net::{NowFn, Program};

/// Newer pages, which only upgrade the store, are agents from here on: nobody else's numbers.
const FIRST_AGENT_OF_UPGRADES: u64 = 1 << 33;

/// What a browser opens when it starts, as it was before.
#[derive(Debug, Clone, Default)]
struct Session {
    tabs: Vec<TabId>,
    visible: Vec<TabId>,
    focused: Option<TabId>,
}

/// See the module's documentation.
pub(super) struct Site {
    browser: Browser,
    commands: BTreeMap<TabId, Rc<Commands>>,
    session: Rc<RefCell<Session>>,
    quota_bytes: Option<u64>,
    /// What is upgraded.
    database: &'static str,
    upgrades: Cell<u32>,
    /// The run is over: what becomes of tabs when the world is taken down is nobody's fate.
    over: Rc<Cell<bool>>,
    log: Log,
}

impl Site {
    /// The browser of a plan, before its host runs. Its pages keep `database`.
    pub(super) fn new(
        settings: &BrowserSettings,
        plan: &Plan,
        database: &'static str,
        now: NowFn,
        log: Log,
    ) -> Self {
        Self::timed(settings, plan, database, now, tokio_timers(), log)
    }

    /// The same in a world that has timers of its own.
    pub(super) fn timed(
        settings: &BrowserSettings,
        plan: &Plan,
        database: &'static str,
        now: NowFn,
        timers: Rc<dyn Timers>,
        log: Log,
    ) -> Self {
        let over = Rc::new(Cell::new(false));
        let (told, is_over) = (log.clone(), Rc::clone(&over));
        let observer = Rc::new(move |tab: TabId, life| {
            if !is_over.get() {
                told.push(lane(tab), Kind::Life { life });
            }
        });
        let tabs: Vec<_> = TabId::all().take(settings.tabs.into()).collect();
        let first = tabs.first().copied();
        let session = Session { tabs, visible: Vec::from_iter(first), focused: first };
        Self {
            browser: Browser::timed(settings.clone(), plan.seed, now, timers, observer),
            commands: TabId::all().map(|tab| (tab, Rc::default())).collect(),
            session: Rc::new(RefCell::new(session)),
            quota_bytes: settings.quota_bytes,
            database,
            upgrades: Cell::new(0),
            over,
            log,
        }
    }

    /// What runs on the client's host: the browser, which opens the tabs it had.
    pub(super) fn program(&self, page: PageProgram, setting: &Setting) -> Program {
        let running = self.browser.program(self.make(page, setting.clone()));
        let (browser, session) = (self.browser.clone(), Rc::clone(&self.session));
        Rc::new(move |host| {
            let runs = running(host);
            open(&browser, &session.borrow());
            runs
        })
    }

    fn make(&self, program: PageProgram, setting: Setting) -> Make {
        let commands = self.commands.clone();
        Rc::new(move |page| {
            let tab = page.id();
            let seed = seed_of_page(setting.seed, page.agent().number());
            let commands = Rc::clone(&commands[&tab]);
            program(page, Setting { lane: lane(tab), commands, seed, ..setting.clone() })
        })
    }

    /// The machine is about to die: what is open now opens again when it is back.
    pub(super) fn remember(&self) {
        let tabs = self.browser.tabs();
        let visible = tabs.iter().copied().filter(|&tab| self.browser.is_visible(tab)).collect();
        let focused = tabs.iter().copied().find(|&tab| self.browser.has_focus(tab));
        self.session.replace(Session { tabs, visible, focused });
    }

    /// Whether the tab's page is frozen or cached.
    pub(super) fn sleeps(&self, tab: TabId) -> bool {
        self.browser.sleeps(tab)
    }

    /// A user's command, for a tab or for any.
    pub(super) fn command(&self, tab: Option<u8>, command: Command) {
        let tab = tab.and_then(id_of).or_else(|| self.browser.tabs().first().copied());
        if let Some(tab) = tab {
            self.commands[&tab].give(command);
        }
    }

    /// Carries out a step of the browser.
    pub(super) fn step(&self, what: Do, tab: Option<u8>) {
        let Some(tab) = tab.and_then(id_of) else { return self.of_all(what) };
        if let Err(error) = self.of_tab(what, tab) {
            let text = format!("the browser does not {what}: {error}");
            self.log.push(Lane::Net, Kind::Notice { notice: Notice::Other(text) });
        }
    }

    fn of_tab(&self, what: Do, tab: TabId) -> Result<(), TabError> {
        let browser = &self.browser;
        match what {
            Do::Open => browser.open(tab),
            Do::Show => browser.show(tab),
            Do::Hide => browser.hide(tab),
            Do::Focus => browser.focus(tab),
            Do::Freeze => browser.freeze(tab),
            Do::Resume => browser.resume(tab),
            Do::Cache => browser.cache(tab),
            Do::Restore => browser.restore(tab),
            Do::Reload => browser.reload(tab),
            Do::Close => browser.close(tab),
            Do::Crash => browser.crash(tab),
            other => unreachable!("{other} is not done to a tab, as the plan's check knows"),
        }
    }

    fn of_all(&self, what: Do) {
        let idb = self.browser.idb();
        let worker = self.browser.worker();
        let what = match what {
            Do::Blur => return self.browser.blur(),
            Do::KillWorker => {
                worker.into_iter().for_each(Worker::kill);
                BrowserChange::WorkerKilled
            }
            Do::KillWorkerMidWrite => {
                worker.into_iter().for_each(Worker::kill_mid_write);
                BrowserChange::WorkerDoomed
            }
            Do::ClearSiteData => {
                idb.clear_site_data();
                idb.set_quota(self.quota_bytes);
                BrowserChange::SiteDataCleared
            }
            Do::FillDisk => {
                idb.set_quota(Some(idb.used_bytes()));
                BrowserChange::DiskFull
            }
            Do::FreeDisk => {
                idb.set_quota(self.quota_bytes);
                BrowserChange::DiskFreed
            }
            Do::UpgradeStore => {
                self.upgrade_store();
                BrowserChange::StoreUpgrade
            }
            other => unreachable!("{other} needs a tab, as the plan's check knows"),
        };
        self.log.push(Lane::Net, Kind::World { what });
    }

    fn upgrade_store(&self) {
        let upgrades = self.upgrades.get() + 1;
        self.upgrades.set(upgrades);
        let (idb, log) = (self.browser.idb().clone(), self.log.clone());
        let agent = FIRST_AGENT_OF_UPGRADES + u64::from(upgrades);
        let database = self.database;
        self.browser.spawn(async move {
            // The client's store begins with version 1.
            let what = match upgrade(idb, agent, database, 1 + upgrades).await {
                Ok(()) => BrowserChange::StoreUpgraded,
                Err(error) => BrowserChange::StoreNotUpgraded(error.to_string()),
            };
            log.push(Lane::Net, Kind::World { what });
        });
    }

    /// The end of a run: what sleeps is closed, all others are asked to shut down.
    pub(super) fn shut_down(&self) {
        for tab in self.browser.tabs() {
            if self.browser.sleeps(tab) {
                self.step(Do::Close, Some(tab.index()));
            } else {
                self.log.push(lane(tab), Kind::Asked { what: Wish::ShutDown });
                self.commands[&tab].give(Command::ShutDown);
            }
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.over.set(true);
    }
}

/// Opens tabs in a browser that has just started.
fn open(browser: &Browser, session: &Session) {
    let opened = session.tabs.iter().try_for_each(|&tab| browser.open(tab));
    let shown = session.visible.iter().try_for_each(|&tab| browser.show(tab));
    let focused = session.focused.iter().try_for_each(|&tab| browser.focus(tab));
    opened.and(shown).and(focused).expect("a browser that has just started has no tabs");
}

fn seed_of_page(seed: u64, agent: u64) -> u64 {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(agent);
    generator.next_u64()
}
