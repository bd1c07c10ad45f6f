//! What runs on the browser's host: the executors of its tabs, and the delivery of its channels.
//!
//! A crash of the host takes everything with it but the handle, on which a restarted host begins
//! with no tabs. Refuses to open tabs on its own: the director does.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::Notify;

use super::event::TabId;
use super::inbox::Inbox;
use super::tab::Executor;
use super::{Browser, Make};
use crate::net::{HostNet, Program};

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
                tokio::join!(start_tabs(&browser, &host, &make), browser.channels().deliver());
            })
        })
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
        self.0.0.arrivals.new.borrow_mut().clear();
        self.0.die();
    }
}
