//! The tabs of a browser as the log tells them: which run, which are seen, who holds the connection.
//!
//! It follows what happened and judges nothing. In a log without tabs it stays empty.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::conditions::Host;
use super::event::{Event, Frame, Kind, Lane, Life};

/// Where a tab is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Not open.
    #[default]
    Gone,
    /// Open, and its page runs.
    Running,
    /// Open, and nothing in it runs.
    Frozen,
    /// In the back/forward cache.
    Cached,
}

/// How much of a tab the user sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// Nothing: its timers may be late.
    #[default]
    Hidden,
    /// It is seen.
    Visible,
    /// It is seen, and the user is in it.
    Focused,
}

/// One tab at one moment.
#[derive(Debug, Clone, Default)]
pub struct Tab {
    /// Where it is.
    pub place: Place,
    /// How much of it the user sees.
    pub sight: Sight,
    /// Since when its page has been hidden, if it is.
    hidden_since: Duration,
    /// Pages it has had so far; the one it has now is the last of them.
    pub page: u32,
    /// Since when the page has run without a break.
    pub running_since: Duration,
    /// The epoch it leads with.
    pub leads: Option<u64>,
    /// Whether the page reported that it runs with a socket and a guest of its own.
    pub apart: bool,
    /// Its open sockets by connection, and since when. One with a close frame is open no more.
    pub sockets: BTreeMap<u32, Duration>,
}

impl Tab {
    /// Whether its page runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.place == Place::Running
    }

    /// Since when its page is hidden; `None` while the user sees something of it.
    #[must_use]
    pub fn hidden(&self) -> Option<Duration> {
        (self.sight == Sight::Hidden).then_some(self.hidden_since)
    }

    fn begin(&mut self, at: Duration) {
        let page = self.page + 1;
        let sight = self.sight;
        let (place, hidden_since) = (Place::Running, at);
        *self = Self { place, sight, hidden_since, page, running_since: at, ..Self::default() };
    }

    fn end(&mut self) {
        *self = Self { page: self.page, ..Self::default() };
    }
}

/// All tabs at one moment.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    tabs: BTreeMap<u8, Tab>,
}

impl Browser {
    /// Every tab that was ever there, in order of its letter.
    pub fn tabs(&self) -> impl Iterator<Item = (u8, &Tab)> {
        self.tabs.iter().map(|(tab, state)| (*tab, state))
    }

    /// The tab of a lane, if it was ever there.
    #[must_use]
    pub fn tab(&self, lane: Lane) -> Option<&Tab> {
        self.tabs.get(&lane.tab()?)
    }

    /// Which page a lane shows: 0 for the client that has no tabs.
    #[must_use]
    pub fn page(&self, lane: Lane) -> u32 {
        self.tab(lane).map_or(0, |tab| tab.page)
    }

    /// Whether a lane's page runs with a guest of its own.
    #[must_use]
    pub fn is_apart(&self, lane: Lane) -> bool {
        self.tab(lane).is_some_and(|tab| tab.apart)
    }

    /// Follows the next event. Whether it changed anything here.
    pub fn on(&mut self, event: &Event) -> bool {
        match (event.lane.tab(), &event.kind) {
            (None, Kind::Host { host: Host::Client, up: false }) => {
                self.tabs.values_mut().for_each(Tab::end);
                true
            }
            (None, _) => false,
            (Some(tab), kind) => {
                if matches!(kind, Kind::Life { life: Life::Focused }) {
                    let seen = |tab: &mut Tab| tab.sight = tab.sight.min(Sight::Visible);
                    self.tabs.values_mut().for_each(seen);
                }
                on_tab(self.tabs.entry(tab).or_default(), event.at, kind)
            }
        }
    }
}

fn on_tab(tab: &mut Tab, at: Duration, kind: &Kind) -> bool {
    match kind {
        Kind::Life { life } => live(tab, at, *life),
        Kind::Leads { epoch, .. } => tab.leads = Some(*epoch),
        Kind::Follows { .. } => tab.leads = None,
        Kind::Degraded { what, .. } => tab.apart |= what.sets_apart(),
        Kind::Answer { conn, status: 101, .. } => {
            tab.sockets.insert(*conn, at);
        }
        Kind::Ended { conn, .. }
        | Kind::FrameOut { conn, frame: Frame::Close(_) }
        | Kind::FrameIn { conn, frame: Frame::Close(_) } => {
            tab.sockets.remove(conn);
        }
        _ => return false,
    }
    true
}

fn live(tab: &mut Tab, at: Duration, life: Life) {
    let was_hidden = tab.sight == Sight::Hidden;
    match life {
        Life::Opened | Life::Reloaded => tab.begin(at),
        Life::Closed | Life::Crashed => tab.end(),
        Life::Shown => tab.sight = tab.sight.max(Sight::Visible),
        Life::Focused => tab.sight = Sight::Focused,
        Life::Hidden => tab.sight = Sight::Hidden,
        Life::Blurred => tab.sight = tab.sight.min(Sight::Visible),
        Life::Frozen => tab.place = Place::Frozen,
        Life::Cached => {
            tab.place = Place::Cached;
            tab.sight = Sight::Hidden;
            tab.sockets.clear();
        }
        Life::Resumed | Life::Restored => {
            tab.place = Place::Running;
            tab.running_since = at;
        }
    }
    if !was_hidden && tab.sight == Sight::Hidden {
        tab.hidden_since = at;
    }
}
