//! The executor of one tab: lets its page run, stand still or die.
//!
//! Whatever reaches a page comes through its inbox, in order, one turn of the page for each event.
//! Refuses to decide what may happen when: `window` has done that.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::agent::Agent;
use super::event::{PageEvent, TabId};
use super::inbox::{Inbox, Input};
use super::page::Page;
use super::{Browser, Make};
use crate::settings::FrozenChannel;
use holdline_net::HostNet;

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
        self.agent = Some(Agent::load(&self.browser, page, &self.make));
    }

    fn take(&mut self, input: Input) -> ControlFlow<()> {
        match input {
            Input::Event(event) => self.event(event),
            Input::Message { port, text } => self.message(port, text),
            Input::Freeze => {
                if self.browser.settings().freeze_event {
                    self.event(PageEvent::Freeze);
                }
                self.set_frozen(true);
            }
            Input::Resume => {
                let hears = self.browser.settings().freeze_event;
                self.thaw(if hears { &[PageEvent::Resume] } else { &[] });
            }
            Input::Cache => {
                self.set_frozen(true);
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
            self.agent().tell(event);
        }
    }

    fn message(&mut self, port: u64, text: Rc<str>) {
        if !self.frozen {
            self.agent_ref().enter(|| self.browser.channels().hear(port, &text));
        } else if self.browser.settings().frozen_channel == FrozenChannel::Queue {
            self.held.push_back(Input::Message { port, text });
        }
    }

    /// Runs again: the news first, then all that waited.
    fn thaw(&mut self, news: &[PageEvent]) {
        self.set_frozen(false);
        for &event in news {
            self.event(event);
        }
        for input in std::mem::take(&mut self.held) {
            match input {
                Input::Event(event) => self.agent().tell(event),
                Input::Message { port, text } => self.message(port, text),
                other => unreachable!("{other:?} is never held back"),
            }
        }
    }

    fn set_frozen(&mut self, frozen: bool) {
        self.frozen = frozen;
        self.browser.idb().set_frozen(self.page().agent().number(), frozen);
    }

    /// A frozen page has no last word.
    fn last_word(&mut self) {
        if !self.frozen {
            self.agent().tell(PageEvent::PageHide { persisted: false });
        }
    }

    fn page(&self) -> &Page {
        self.agent_ref().page()
    }

    fn agent_ref(&self) -> &Agent {
        self.agent.as_ref().expect("a page is loaded before anything reaches the tab")
    }

    fn agent(&mut self) -> &mut Agent {
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
        this.inbox.watch(cx.waker());
        if !this.frozen {
            this.agent().poll(cx);
        }
        Poll::Pending
    }
}
