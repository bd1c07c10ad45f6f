//! The executor of one tab: a page's whole program in a `LocalSet` of its own, which runs, stands
//! still or is dropped.
//!
//! Whatever reaches a page comes through its inbox, in order, one turn of the page for each event.
//! Refuses to decide what may happen when: `window` has done that.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use tokio::task::LocalSet;

use super::event::{PageEvent, TabId};
use super::page::Page;
use super::settings::FrozenChannel;
use super::{Browser, Make};
use crate::net::HostNet;

/// A turn ends when the page has nothing to do at this moment, or after so many polls: a page that
/// always has something to do would never let go.
const POLLS_PER_TURN_MAX: usize = 64;

/// One thing for a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// For the page, as soon as it runs.
    Event(PageEvent),
    /// For the listeners of a channel.
    Message {
        port: u64,
        text: Rc<str>,
    },
    Freeze,
    Resume,
    Cache,
    Restore,
    Reload,
    Close,
    Crash,
}

/// What a tab has not dealt with yet.
#[derive(Default)]
pub(super) struct Inbox {
    inputs: RefCell<VecDeque<Input>>,
    executor: RefCell<Option<Waker>>,
}

impl Inbox {
    pub(super) fn push(&self, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        self.executor.take().into_iter().for_each(Waker::wake);
    }

    fn next(&self) -> Option<Input> {
        self.inputs.borrow_mut().pop_front()
    }
}

/// One life of a page. Fields are dropped in order: the tasks first, then what is left of them.
struct Agent {
    set: LocalSet,
    page: Page,
    _end: Ending,
}

/// Frees what a dead agent had.
struct Ending {
    browser: Browser,
    page: Page,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.page.cut_sockets();
        self.browser.channels().forget(self.page.agent());
        self.browser.locks().forget(self.page.agent());
    }
}

/// Runs a tab from its opening to its end.
pub(super) struct Executor {
    browser: Browser,
    id: TabId,
    host: Rc<dyn HostNet>,
    make: Make,
    inbox: Rc<Inbox>,
    agent: Option<Agent>,
    frozen: bool,
    /// What reached the page while it was frozen.
    held: VecDeque<Input>,
}

impl Executor {
    pub(super) fn new(
        browser: Browser,
        id: TabId,
        host: Rc<dyn HostNet>,
        make: Make,
        inbox: Rc<Inbox>,
    ) -> Self {
        let (agent, frozen, held) = (None, false, VecDeque::new());
        Self { browser, id, host, make, inbox, agent, frozen, held }
    }

    /// A new page begins.
    fn load(&mut self, seen: (bool, bool)) {
        self.agent = None;
        self.frozen = false;
        self.held.clear();
        let (inbox, host) = (Rc::clone(&self.inbox), Rc::clone(&self.host));
        let page = Page::new(&self.browser, self.id, inbox, host, seen);
        let set = LocalSet::new();
        let (make, given) = (Rc::clone(&self.make), page.clone());
        set.spawn_local(async move { make(given).await });
        let ending = Ending { browser: self.browser.clone(), page: page.clone() };
        self.agent = Some(Agent { set, page, _end: ending });
        self.turn();
    }

    fn take(&mut self, input: Input) -> ControlFlow<()> {
        match input {
            Input::Event(event) => self.event(event),
            Input::Message { port, text } => self.message(port, text),
            Input::Freeze => {
                if self.browser.settings().freeze_event {
                    self.event(PageEvent::Freeze);
                }
                self.frozen = true;
            }
            Input::Resume => {
                let hears = self.browser.settings().freeze_event;
                self.thaw(if hears { &[PageEvent::Resume] } else { &[] });
            }
            Input::Cache => {
                self.frozen = true;
                self.page().cut_sockets();
            }
            Input::Restore => {
                self.thaw(&[PageEvent::Visible, PageEvent::PageShow { persisted: true }]);
            }
            Input::Reload => {
                self.last_word();
                let seen = (self.page().is_visible(), self.page().has_focus());
                self.load(seen);
            }
            Input::Close => {
                self.last_word();
                return ControlFlow::Break(());
            }
            Input::Crash => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    fn event(&mut self, event: PageEvent) {
        self.page().apply(event);
        if self.frozen {
            self.held.push_back(Input::Event(event));
        } else {
            self.tell(event);
        }
    }

    fn message(&mut self, port: u64, text: Rc<str>) {
        if !self.frozen {
            let _entered = self.agent().set.enter();
            self.browser.channels().hear(port, &text);
        } else if self.browser.settings().frozen_channel == FrozenChannel::Queue {
            self.held.push_back(Input::Message { port, text });
        }
    }

    /// Runs again: the news first, then all that waited.
    fn thaw(&mut self, news: &[PageEvent]) {
        self.frozen = false;
        for &event in news {
            self.event(event);
        }
        for input in std::mem::take(&mut self.held) {
            match input {
                Input::Event(event) => self.tell(event),
                Input::Message { port, text } => self.message(port, text),
                other => unreachable!("{other:?} is never held back"),
            }
        }
    }

    /// A frozen page has no last word.
    fn last_word(&mut self) {
        if !self.frozen {
            self.tell(PageEvent::PageHide { persisted: false });
        }
    }

    fn tell(&mut self, event: PageEvent) {
        self.page().tell(event);
        self.turn();
    }

    /// Lets the page do all that it can do at this moment.
    fn turn(&mut self) {
        let again = Arc::new(Again::default());
        let waker = Waker::from(Arc::clone(&again));
        let mut cx = Context::from_waker(&waker);
        for _ in 0..POLLS_PER_TURN_MAX {
            let done = Pin::new(&mut self.agent_mut().set).poll(&mut cx).is_ready();
            if done || !again.take() {
                return;
            }
        }
    }

    fn page(&self) -> &Page {
        &self.agent().page
    }

    fn agent(&self) -> &Agent {
        self.agent.as_ref().expect("a page is loaded before anything reaches the tab")
    }

    fn agent_mut(&mut self) -> &mut Agent {
        self.agent.as_mut().expect("a page is loaded before anything reaches the tab")
    }
}

impl Future for Executor {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.agent.is_none() {
            this.load((false, false));
        }
        while let Some(input) = this.inbox.next() {
            if this.take(input).is_break() {
                this.agent = None;
                return Poll::Ready(());
            }
        }
        this.inbox.executor.replace(Some(cx.waker().clone()));
        if !this.frozen {
            // A page whose program is over is still a page: it stays until it is closed.
            let _ = Pin::new(&mut this.agent_mut().set).poll(cx);
        }
        Poll::Pending
    }
}

/// Remembers that a page wants another poll at this very moment.
#[derive(Default)]
struct Again(AtomicBool);

impl Again {
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Again {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}
