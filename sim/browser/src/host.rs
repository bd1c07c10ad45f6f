//! What runs on the browser's host: the executors of its tabs, and the delivery of its channels.
//!
//! A crash of the host takes everything with it but the handle, on which a restarted host begins
//! with no tabs. Refuses to open tabs on its own: the director does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use futures_util::future;
use holdline_client::Clock;
use tokio::sync::Notify;

use super::event::TabId;
use super::inbox::Inbox;
use super::tab::Executor;
use super::worker::{Settings, Worker};
use super::{Browser, Make};
use holdline_net::WALL_AT_START;
use holdline_net::{HostNet, Program};

/// Far above every page's: no life of the worker has the number of a page.
const FIRST_AGENT_OF_WORKER: u64 = 1 << 32;
/// Where the worker keeps its copy.
const DATABASE_OF_WORKER: &str = "holdline-worker";

/// Tabs that are open and have no executor yet: only the host's own task can start one.
#[derive(Default)]
pub(super) struct Arrivals {
    new: RefCell<VecDeque<(TabId, Rc<Inbox>)>>,
    bell: Notify,
}

impl Arrivals {
    pub(super) fn add(&self, tab: TabId, inbox: Rc<Inbox>) {
        self.new.borrow_mut().push_back((tab, inbox));
        self.bell.notify_one();
    }

    async fn next(&self) -> (TabId, Rc<Inbox>) {
        loop {
            if let Some(new) = self.new.borrow_mut().pop_front() {
                return new;
            }
            self.bell.notified().await;
        }
    }
}

impl Browser {
    /// What runs on the browser's host. `make` is the program of every page, called once for each
    /// load; whatever it spawns with `spawn_local` lives and dies with the page.
    #[must_use]
    pub fn program(&self, make: Make) -> Program {
        let browser = self.clone();
        Rc::new(move |host| {
            let (browser, make) = (browser.clone(), Rc::clone(&make));
            browser.0.up.set(true);
            let running = Running(browser.clone());
            Box::pin(async move {
                let _running = running;
                browser.0.worker.get_or_init(|| browser.new_worker());
                let channels = Rc::clone(browser.channels());
                let background = Rc::clone(&browser.0.background);
                // Tasks of their own, so that each is polled when it has something to do.
                tokio::task::spawn_local(async move { channels.deliver().await });
                tokio::task::spawn_local(async move {
                    background.run_until(future::pending::<()>()).await;
                });
                start_tabs(&browser, &host, &make).await;
            })
        })
    }
}

impl Browser {
    fn new_worker(&self) -> Worker {
        let now = self.clock();
        let wall = WALL_AT_START + now();
        let clock = Clock::reading(Rc::new(move || now()), wall);
        let settings = Settings {
            first_agent: FIRST_AGENT_OF_WORKER,
            database: DATABASE_OF_WORKER.into(),
            clock,
            message_delay: self.settings().channel_delay,
        };
        Worker::new(self.idb().clone(), Rc::clone(&self.0.background), settings)
    }
}

async fn start_tabs(browser: &Browser, host: &Rc<dyn HostNet>, make: &Make) {
    loop {
        let (tab, inbox) = browser.0.arrivals.next().await;
        let (host, make) = (Rc::clone(host), Rc::clone(make));
        tokio::task::spawn_local(Executor::new(browser.clone(), tab, host, make, inbox));
    }
}

/// Dropped with the host's program.
struct Running(Browser);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.up.set(false);
        self.0.worker().into_iter().for_each(Worker::kill);
        self.0.0.arrivals.new.borrow_mut().clear();
        self.0.die();
    }
}
