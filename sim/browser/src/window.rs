//! What a user, a system and bad luck do to tabs: the director's side of the browser.
//!
//! Whether it is possible is known at once; the page hears of it when the host runs next, at the same
//! virtual moment. Refuses to touch a page: it only writes into the tab's inbox.

use std::rc::Rc;

use super::Browser;
use super::event::{PageEvent, TabError, TabId};
use super::inbox::{Inbox, Input};
use super::tabs::{Rest, Tab};
use crate::event::TabEvent;

impl Browser {
    /// Opens a tab in the background.
    pub fn open(&self, tab: TabId) -> Result<(), TabError> {
        if !self.is_up() {
            return Err(TabError::Down(tab));
        }
        if self.0.tabs.borrow().contains_key(&tab) {
            return Err(TabError::AlreadyOpen(tab));
        }
        let inbox = Rc::new(Inbox::default());
        let (visible, focused, rest) = (false, false, Rest::None);
        let new = Tab { inbox: Rc::clone(&inbox), visible, focused, rest };
        self.0.tabs.borrow_mut().insert(tab, new);
        self.observe(tab, TabEvent::Opened);
        self.0.arrivals.add(tab, inbox);
        Ok(())
    }

    /// Brings a tab to the front of its window. In one window the one that was there is hidden.
    pub fn show(&self, tab: TabId) -> Result<(), TabError> {
        self.present(tab)?;
        self.make_way(tab);
        if self.change(tab, |tab| !std::mem::replace(&mut tab.visible, true)) {
            self.tell(tab, PageEvent::Visible, TabEvent::Shown);
        }
        Ok(())
    }

    /// Hides a tab, as minimizing its window does. It loses the focus.
    pub fn hide(&self, tab: TabId) -> Result<(), TabError> {
        self.present(tab)?;
        self.recede(tab);
        Ok(())
    }

    /// Shows a tab and gives it the focus, which the one that had it loses first.
    pub fn focus(&self, tab: TabId) -> Result<(), TabError> {
        self.show(tab)?;
        for other in self.tabs_that(|tab| tab.focused).into_iter().filter(|&other| other != tab) {
            self.unfocus(other);
        }
        if self.change(tab, |tab| !std::mem::replace(&mut tab.focused, true)) {
            self.tell(tab, PageEvent::Focus, TabEvent::Focused);
        }
        Ok(())
    }

    /// Takes the focus away from the browser, as alt-tab does: what was visible stays so.
    pub fn blur(&self) {
        for tab in self.tabs_that(|tab| tab.focused) {
            self.unfocus(tab);
        }
    }

    /// Lets a tab stand still.
    pub fn freeze(&self, tab: TabId) -> Result<(), TabError> {
        if self.present(tab)? == Rest::Frozen {
            return Err(TabError::Frozen(tab));
        }
        self.set_rest(tab, Rest::Frozen);
        self.order(tab, Input::Freeze, TabEvent::Frozen);
        Ok(())
    }

    /// Lets it go on.
    pub fn resume(&self, tab: TabId) -> Result<(), TabError> {
        if self.present(tab)? != Rest::Frozen {
            return Err(TabError::NotFrozen(tab));
        }
        self.set_rest(tab, Rest::None);
        self.order(tab, Input::Resume, TabEvent::Resumed);
        Ok(())
    }

    /// The user leaves the page, which goes into the back/forward cache.
    pub fn cache(&self, tab: TabId) -> Result<(), TabError> {
        if self.present(tab)? == Rest::Frozen {
            return Err(TabError::Frozen(tab));
        }
        self.unfocus(tab);
        self.push(tab, Input::Event(PageEvent::PageHide { persisted: true }));
        self.recede(tab);
        self.set_rest(tab, Rest::Cached);
        self.order(tab, Input::Cache, TabEvent::Cached);
        Ok(())
    }

    /// The user comes back to it: it is visible, and in one window the only one.
    pub fn restore(&self, tab: TabId) -> Result<(), TabError> {
        if self.rest(tab)? != Rest::Cached {
            return Err(TabError::NotCached(tab));
        }
        self.make_way(tab);
        self.set_rest(tab, Rest::None);
        self.change(tab, |tab| !std::mem::replace(&mut tab.visible, true));
        self.order(tab, Input::Restore, TabEvent::Restored);
        self.observe(tab, TabEvent::Shown);
        Ok(())
    }

    /// A new page in the same tab, as visible and as focused as the old one; a frozen one thaws.
    pub fn reload(&self, tab: TabId) -> Result<(), TabError> {
        self.present(tab)?;
        self.set_rest(tab, Rest::None);
        self.order(tab, Input::Reload, TabEvent::Reloaded);
        Ok(())
    }

    /// Closes a tab. A page that runs has a last word.
    pub fn close(&self, tab: TabId) -> Result<(), TabError> {
        self.end(tab, Input::Close, TabEvent::Closed)
    }

    /// Ends a tab without a word.
    pub fn crash(&self, tab: TabId) -> Result<(), TabError> {
        self.end(tab, Input::Crash, TabEvent::Crashed)
    }

    /// Whether the tab can be seen.
    #[must_use]
    pub fn is_visible(&self, tab: TabId) -> bool {
        self.change(tab, |tab| tab.visible)
    }

    /// Whether the user is in it.
    #[must_use]
    pub fn has_focus(&self, tab: TabId) -> bool {
        self.change(tab, |tab| tab.focused)
    }

    /// Whether its page is frozen or cached.
    #[must_use]
    pub fn sleeps(&self, tab: TabId) -> bool {
        self.change(tab, |tab| tab.rest != Rest::None)
    }

    /// The tabs that are open, cached ones too.
    #[must_use]
    pub fn tabs(&self) -> Vec<TabId> {
        self.0.tabs.borrow().keys().copied().collect()
    }
}
