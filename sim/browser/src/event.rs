//! The words of a tab's life: its name, what a page hears, what an observer sees, and why something
//! cannot be done to it.
//!
//! Refuses to decide anything: `window` does, and `tab` carries it out.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::settings::TABS_MAX;

/// The letter of a tab: `A` for 0.
#[must_use]
pub fn letter(tab: u8) -> char {
    char::from(b'A'.saturating_add(tab))
}

/// Name of a tab, `A` to `P`. A reload keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TabId(u8);

impl TabId {
    /// The tab with that letter, `A` to `P`.
    #[must_use]
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::all().find(|tab| tab.letter() == letter)
    }

    /// Its letter.
    #[must_use]
    pub fn letter(self) -> char {
        letter(self.0)
    }

    /// Its place among all of them: 0 for `A`.
    #[must_use]
    pub fn index(self) -> u8 {
        self.0
    }

    /// All of them, from `A`.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..TABS_MAX).map(Self)
    }
}

impl fmt::Display for TabId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.letter())
    }
}

/// One life of a page. A reload makes a new one in the same tab; locks and listeners are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AgentId(pub(super) u64);

impl AgentId {
    /// Its number, as [`Idb`](super::idb::Idb) knows it.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

/// What becomes of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TabEvent {
    /// A page is there; it is hidden until something else is said.
    Opened,
    /// It can be seen.
    Shown,
    /// It cannot be seen; its timers may be late.
    Hidden,
    /// The user is in it, so that it is seen as well.
    Focused,
    /// The user has left it.
    Blurred,
    /// Nothing in it runs.
    Frozen,
    /// It runs again.
    Resumed,
    /// It went into the back/forward cache: it neither runs nor has sockets.
    Cached,
    /// It came back from there, as it was.
    Restored,
    /// The same tab with a new page.
    Reloaded,
    /// It went with a last word.
    Closed,
    /// It went without one.
    Crashed,
}

/// What a page hears about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageEvent {
    /// `visibilitychange` to visible.
    Visible,
    /// `visibilitychange` to hidden.
    Hidden,
    /// The window's focus came here.
    Focus,
    /// And went.
    Blur,
    /// The page is about to be frozen.
    Freeze,
    /// It was frozen, and runs again.
    Resume,
    /// The page is left.
    PageHide {
        /// True: it goes into the back/forward cache. False: this is the last word.
        persisted: bool,
    },
    /// The page came back out of the back/forward cache. A fresh page does not hear this: it runs.
    PageShow {
        /// Always true here.
        persisted: bool,
    },
}

/// Why something cannot be done to a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TabError {
    /// Nothing runs on the browser's host.
    #[error("tab {0}: the browser does not run; start or restart its host first")]
    Down(TabId),
    /// It is there already.
    #[error("tab {0} is open already")]
    AlreadyOpen(TabId),
    /// It was never opened, or it is gone.
    #[error("tab {0} is not open")]
    NotOpen(TabId),
    /// Its page is in the back/forward cache and can only be restored, closed or crashed.
    #[error("tab {0} is in the back/forward cache; restore it first")]
    Cached(TabId),
    /// It is not in the back/forward cache.
    #[error("tab {0} is not in the back/forward cache")]
    NotCached(TabId),
    /// It is frozen.
    #[error("tab {0} is frozen; resume it first")]
    Frozen(TabId),
    /// It is not frozen.
    #[error("tab {0} is not frozen")]
    NotFrozen(TabId),
}
