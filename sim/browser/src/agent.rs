//! One life of a page: its tasks in a `LocalSet` of their own, and what dies with them.
//!
//! Refuses to know when it may run: the executor in `tab` asks it to.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use tokio::task::LocalSet;

use super::event::PageEvent;
use super::page::Page;
use super::{Browser, Make};

/// A turn ends when the page has nothing to do at this moment, or after so many polls: a page that
/// always has something to do would never let go.
const POLLS_PER_TURN_MAX: usize = 64;

/// Fields are dropped in order: the tasks first, then what is left of them.
pub(super) struct Agent {
    set: LocalSet,
    page: Page,
    _ending: Ending,
}

impl Agent {
    /// A page begins, and has its first turn.
    pub(super) fn load(browser: &Browser, page: Page, make: &Make) -> Self {
        let set = LocalSet::new();
        let (make, given) = (Rc::clone(make), page.clone());
        set.spawn_local(async move { make(given).await });
        let ending = Ending { browser: browser.clone(), page: page.clone() };
        let mut agent = Self { set, page, _ending: ending };
        agent.turn();
        agent
    }

    pub(super) fn page(&self) -> &Page {
        &self.page
    }

    /// The page hears of something, and does at once what it can do about it.
    pub(super) fn tell(&mut self, event: PageEvent) {
        self.page.tell(event);
        self.turn();
    }

    /// Runs something in the page: what it spawns is the page's.
    pub(super) fn enter(&self, inside: impl FnOnce()) {
        let _entered = self.set.enter();
        inside();
    }

    /// A page whose program is over is still a page: it stays until it is closed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) {
        let _ = Pin::new(&mut self.set).poll(cx);
    }

    fn turn(&mut self) {
        let again = Arc::new(PollAgain::default());
        let waker = Waker::from(Arc::clone(&again));
        let mut cx = Context::from_waker(&waker);
        for _ in 0..POLLS_PER_TURN_MAX {
            self.poll(&mut cx);
            if !again.take() {
                return;
            }
        }
    }
}

/// Frees what a dead page had.
struct Ending {
    browser: Browser,
    page: Page,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.page.cut_sockets();
        self.browser.channels().forget(self.page.agent());
        self.browser.locks().forget(self.page.agent());
        self.browser.idb().kill_agent(self.page.agent().number());
    }
}

/// Remembers that a page, or a whole browser, wants another poll at this very moment.
#[derive(Default)]
pub struct PollAgain(AtomicBool);

impl PollAgain {
    /// Asks for one more turn.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether one was asked for since this was last called.
    #[must_use]
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Wake for PollAgain {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.set();
    }
}
