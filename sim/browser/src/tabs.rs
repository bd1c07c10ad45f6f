//! The tabs as they look from outside, and the small changes that everything done to them is made of.
//!
//! Refuses to be half done: what changes here is in the tab's inbox and told to the observer too.

use std::rc::Rc;

use super::Browser;
use super::event::{PageEvent, TabError, TabId};
use super::inbox::{Inbox, Input};
use crate::event::TabEvent;

/// A tab, as it looks from outside.
pub(super) struct Tab {
    pub(super) inbox: Rc<Inbox>,
    pub(super) visible: bool,
    pub(super) focused: bool,
    pub(super) rest: Rest,
}

/// Whether its page runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// It runs.
    None,
    /// Its tasks stand still.
    Frozen,
    /// The same, and it is out of sight and has no sockets.
    Cached,
}

impl Browser {
    /// The browser's host died, and every tab with it.
    pub(super) fn die(&self) {
        for tab in self.0.tabs.take().into_keys() {
            self.observe(tab, TabEvent::Crashed);
        }
    }

    pub(super) fn end(&self, tab: TabId, last: Input, event: TabEvent) -> Result<(), TabError> {
        let gone = self.0.tabs.borrow_mut().remove(&tab).ok_or(TabError::NotOpen(tab))?;
        gone.inbox.push(last);
        self.observe(tab, event);
        Ok(())
    }

    /// One window shows one tab.
    pub(super) fn make_way(&self, tab: TabId) {
        if self.0.settings.one_window {
            let visible = self.tabs_that(|tab| tab.visible);
            visible.into_iter().filter(|&other| other != tab).for_each(|other| self.recede(other));
        }
    }

    /// Blurred first, then hidden.
    pub(super) fn recede(&self, tab: TabId) {
        self.unfocus(tab);
        if self.change(tab, |tab| std::mem::replace(&mut tab.visible, false)) {
            self.tell(tab, PageEvent::Hidden, TabEvent::Hidden);
        }
    }

    pub(super) fn unfocus(&self, tab: TabId) {
        if self.change(tab, |tab| std::mem::replace(&mut tab.focused, false)) {
            self.tell(tab, PageEvent::Blur, TabEvent::Blurred);
        }
    }

    pub(super) fn rest(&self, tab: TabId) -> Result<Rest, TabError> {
        self.0.tabs.borrow().get(&tab).map(|tab| tab.rest).ok_or(TabError::NotOpen(tab))
    }

    /// Of a tab whose page is in it.
    pub(super) fn present(&self, tab: TabId) -> Result<Rest, TabError> {
        match self.rest(tab)? {
            Rest::Cached => Err(TabError::Cached(tab)),
            rest => Ok(rest),
        }
    }

    pub(super) fn set_rest(&self, tab: TabId, rest: Rest) {
        if let Some(tab) = self.0.tabs.borrow_mut().get_mut(&tab) {
            tab.rest = rest;
        }
    }

    pub(super) fn change(&self, id: TabId, how: impl FnOnce(&mut Tab) -> bool) -> bool {
        self.0.tabs.borrow_mut().get_mut(&id).is_some_and(how)
    }

    pub(super) fn tabs_that(&self, are: fn(&Tab) -> bool) -> Vec<TabId> {
        let tabs = self.0.tabs.borrow();
        tabs.iter().filter(|(_, tab)| are(tab)).map(|(&id, _)| id).collect()
    }

    pub(super) fn tell(&self, tab: TabId, event: PageEvent, seen: TabEvent) {
        self.order(tab, Input::Event(event), seen);
    }

    pub(super) fn order(&self, tab: TabId, input: Input, seen: TabEvent) {
        self.push(tab, input);
        self.observe(tab, seen);
    }

    pub(super) fn push(&self, tab: TabId, input: Input) {
        if let Some(tab) = self.0.tabs.borrow().get(&tab) {
            tab.inbox.push(input);
        }
    }
}
