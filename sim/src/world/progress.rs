//! Follows the log while it grows: is everything delivered, shown and quiet?
//!
//! With tabs, every page that runs has to have shown everything that was said, and to have reported
//! what was typed in it. What a page has promised before it ended must be in the conversation, or
//! have outlived its time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::oracle::guests;
use crate::trace::browser::{Browser, Place, Sight};
use crate::trace::reports::State;
use crate::trace::{Event, Kind, Lane, Log, Message};

/// What has come in so far, and what is still missing.
pub(super) struct Progress {
    read: usize,
    browser: Browser,
    /// What each page, or the only client, has still to report.
    pending: BTreeSet<(Lane, u32, Message)>,
    /// When each message was promised that is not in the conversation yet.
    promised: BTreeMap<Message, Duration>,
    stored: BTreeSet<Message>,
    /// Life of a message.
    ttl: Duration,
    now: Duration,
    /// Everything said, with the guest it was said to where there may be several.
    said: Vec<(Message, Option<u32>)>,
    /// What each page, or the only client, has shown.
    shown: BTreeMap<(Lane, u32), BTreeSet<Message>>,
    /// Guests that are gone.
    gone: BTreeSet<u32>,
    /// Those that nobody can hear of but a tab that runs apart, as far as is known.
    private: BTreeSet<u32>,
    created: bool,
    /// Whether more than one guest was created.
    several: bool,
    states: BTreeMap<Lane, State>,
    open_conns: BTreeSet<(Lane, u32)>,
    shut_down: BTreeSet<Lane>,
    may_end_terminal: bool,
}

impl Progress {
    /// `may_end_terminal`: the plan means the client to end in a terminal state.
    pub(super) fn new(may_end_terminal: bool, ttl: Duration) -> Self {
        Self {
            read: 0,
            promised: BTreeMap::new(),
            stored: BTreeSet::new(),
            ttl,
            now: Duration::ZERO,
            browser: Browser::default(),
            pending: BTreeSet::new(),
            said: Vec::new(),
            shown: BTreeMap::new(),
            gone: BTreeSet::new(),
            private: BTreeSet::new(),
            created: false,
            several: false,
            states: BTreeMap::new(),
            open_conns: BTreeSet::new(),
            shut_down: BTreeSet::new(),
            may_end_terminal,
        }
    }

    /// Everything typed has its outcome, everything said is shown, and some tab is online, or the
    /// only client is. A browser without a tab that runs is quiet.
    pub(super) fn is_quiet(&mut self, log: &Log) -> bool {
        self.read(log);
        let clients = self.clients();
        let is_settled = |lane: &Lane| {
            let page = self.browser.page(*lane);
            self.is_late(*lane) || !self.pending.iter().any(|(of, at, _)| (of, *at) == (lane, page))
        };
        let rests = |lane: &Lane| {
            self.states.get(lane).is_some_and(|state| match state {
                State::Open => true,
                State::Terminal(_) => self.may_end_terminal,
                _ => false,
            })
        };
        let settled = clients.iter().all(|lane| is_settled(lane) && self.has_seen_all(*lane));
        let kept = self.promised.values().all(|at| self.now > *at + self.ttl);
        settled && (clients.is_empty() || kept && clients.iter().any(rests))
    }

    /// Every client that runs says that it is shut down, and holds no connection.
    pub(super) fn is_over(&mut self, log: &Log) -> bool {
        self.read(log);
        self.clients().iter().all(|lane| {
            let holds = self.open_conns.iter().any(|(of, _)| of == lane);
            self.shut_down.contains(lane) && !holds
        })
    }

    /// Whose work is waited for: the only client, or every tab that runs.
    fn clients(&self) -> Vec<Lane> {
        let mut tabs = self.browser.tabs().peekable();
        if tabs.peek().is_none() {
            return vec![Lane::Client];
        }
        tabs.filter(|(_, tab)| tab.runs()).map(|(tab, _)| Lane::Tab(tab)).collect()
    }

    /// Alone in the background every wait is a minute longer, and nobody else does the work.
    fn is_late(&self, lane: Lane) -> bool {
        self.browser.tab(lane).is_some_and(|tab| tab.apart && tab.sight == Sight::Hidden)
    }

    /// Tabs that run apart have guests of their own, and are not waited for.
    fn has_seen_all(&self, lane: Lane) -> bool {
        let shown = self.shown.get(&(lane, self.browser.page(lane)));
        let has_shown = |message: &Message| shown.is_some_and(|shown| shown.contains(message));
        let is_left = |guest: u32| self.gone.contains(&guest) || self.private.contains(&guest);
        let due = |guest: &Option<u32>| guest.is_none_or(|guest| !is_left(guest));
        self.browser.is_apart(lane)
            || self.said.iter().all(|(message, guest)| has_shown(message) || !due(guest))
    }

    fn read(&mut self, log: &Log) {
        let before = self.read;
        log.look(self.read, |events| {
            self.read += events.len();
            for event in events {
                self.on(event);
            }
        });
        if self.read > before && (self.several || self.browser.tabs().any(|(_, tab)| tab.apart)) {
            log.look(0, |events| self.private = guests::private(events));
        }
    }

    fn on(&mut self, event: &Event) {
        self.browser.on(event);
        self.now = event.at;
        if let Kind::Accepted { message } = &event.kind
            && !self.stored.contains(message)
        {
            self.promised.insert(*message, event.at);
        }
        let (lane, page) = (event.lane, self.browser.page(event.lane));
        match &event.kind {
            Kind::Typed { message, .. } | Kind::Accepted { message } => {
                self.pending.insert((lane, page, *message));
            }
            Kind::Stored { message, .. } => {
                self.promised.remove(message);
                self.stored.insert(*message);
            }
            Kind::Delivered { message } | Kind::Failed { message, .. } => {
                self.promised.remove(message);
                self.pending.remove(&(lane, page, *message));
            }
            Kind::Said { message, guest } => self.said.push((*message, *guest)),
            Kind::Shown { message } => {
                self.shown.entry((lane, page)).or_default().insert(*message);
            }
            Kind::GuestCreated { .. } => {
                self.several = std::mem::replace(&mut self.created, true);
            }
            Kind::GuestGone { guest } => {
                self.gone.insert(*guest);
            }
            Kind::State { state } => {
                self.states.insert(lane, state.clone());
            }
            Kind::ShutDown => {
                self.shut_down.insert(lane);
            }
            Kind::Connecting { conn } => {
                self.open_conns.insert((lane, *conn));
            }
            Kind::ConnectFailed { conn, .. } | Kind::Ended { conn, .. } if lane.is_client() => {
                self.open_conns.remove(&(lane, *conn));
            }
            Kind::Life { .. } => self.turn_page(lane),
            _ => {}
        }
    }

    /// A page that is gone reports, shows and holds nothing any more.
    fn turn_page(&mut self, lane: Lane) {
        let Some(tab) = self.browser.tab(lane) else { return };
        let page = tab.page;
        let gone = tab.place == Place::Gone;
        self.pending.retain(|(of, at, _)| *of != lane || *at == page && !gone);
        self.shown.retain(|(of, at), _| *of != lane || *at == page && !gone);
        if gone {
            self.states.remove(&lane);
            self.shut_down.remove(&lane);
            self.open_conns.retain(|(of, _)| *of != lane);
        }
    }
}
