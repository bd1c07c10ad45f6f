//! every-tab-sees: every message of the agent is shown once, in the order of saying, in every tab
//! that runs: those that were open, and those that were opened, reloaded or came back later.
//!
//! A page of a tab is what counts: a reload and a crash begin a new one, which shows everything from
//! the first message on; a freeze and the back/forward cache do not. A message is missing when the
//! page has run for the bound since it was said, while some tab had a socket and nobody else was to
//! blame (and a minute more where that tab has been hidden for so long that its timers are late), or
//! when the run says that all is quiet. Ignores tabs that run apart, messages to their
//! guests, to guests that are gone or have been replaced, and, in pages begun later, what was said
//! before the site's data was cleared.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::excuses::Excuses;
use super::{Bounds, Oracle, Violation, end_of, guests, has_tabs, is_data_cleared, secs};
use crate::trace::browser::{Browser, Place, Tab};
use crate::trace::event::letter;
use crate::trace::{Event, Kind, Lane, Message};

pub(super) const ORACLE: Oracle = Oracle {
    id: "every-tab-sees",
    holds_when: "every inbound message is shown exactly once, in order, in every tab that lives \
                 long enough",
    judge,
};

#[derive(Clone)]
struct Said {
    message: Message,
    at: Duration,
    guest: Option<u32>,
}

/// What one page has shown, and what it still has to.
#[derive(Default)]
struct Page {
    number: u32,
    shown: BTreeSet<Message>,
    furthest: Option<(usize, Message)>,
    missing: Vec<Said>,
    told: bool,
}

struct Sight<'a> {
    events: &'a [Event],
    bounds: &'a Bounds,
    excuses: Excuses,
    apart: BTreeSet<Lane>,
    private: BTreeSet<u32>,
    browser: Browser,
    /// Everything said that a new page must show.
    said: Vec<Said>,
    ranks: BTreeMap<Message, usize>,
    pages: BTreeMap<u8, Page>,
    listening_since: Option<Duration>,
    /// Since when the timers of one that listens are on time.
    on_time_since: Option<Duration>,
    found: Vec<Violation>,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    if !has_tabs(events) {
        return Vec::new();
    }
    let mut sight = Sight {
        events,
        bounds,
        excuses: Excuses::of(events, bounds),
        private: guests::private(events),
        apart: guests::apart(events),
        browser: Browser::default(),
        said: Vec::new(),
        ranks: BTreeMap::new(),
        pages: BTreeMap::new(),
        listening_since: None,
        on_time_since: None,
        found: Vec::new(),
    };
    for (index, event) in events.iter().enumerate() {
        sight.look_back(event.at);
        sight.on(index, event);
    }
    sight.look_back(end_of(events));
    sight.found
}

impl<'a> Sight<'a> {
    fn on(&mut self, index: usize, event: &'a Event) {
        if self.browser.on(event) {
            self.turn_pages();
        }
        let listens = self.listeners().next().is_some();
        let on_time = listens && !self.is_late(event.at);
        let since = |is: bool, since: Option<Duration>| is.then(|| since.unwrap_or(event.at));
        self.listening_since = since(listens, self.listening_since);
        self.on_time_since = since(on_time, self.on_time_since);
        match &event.kind {
            Kind::Said { message, guest } => self.say(index, event.at, *message, *guest),
            Kind::Shown { message } => self.show(index, event, *message),
            Kind::GuestGone { guest } => {
                let remains = |said: &Said| said.guest.is_some_and(|to| to != *guest);
                self.said.retain(remains);
                self.pages.values_mut().for_each(|page| page.missing.retain(remains));
            }
            kind if is_data_cleared(kind) => self.said.clear(),
            Kind::Quiet => self.all_seen(index),
            _ => {}
        }
    }

    fn listeners(&self) -> impl Iterator<Item = &Tab> {
        let tabs = self.browser.tabs().map(|(_, tab)| tab);
        tabs.filter(|tab| tab.runs() && !tab.apart && !tab.sockets.is_empty())
    }

    /// Whether the timers of all that listen are late.
    fn is_late(&self, at: Duration) -> bool {
        self.listeners().all(|tab| self.bounds.is_long_hidden(tab.hidden(), at))
    }

    /// New pages begin with everything that was said.
    fn turn_pages(&mut self) {
        for (tab, state) in self.browser.tabs() {
            if state.place == Place::Gone {
                self.pages.remove(&tab);
                continue;
            }
            let page = self.pages.entry(tab).or_default();
            if page.number != state.page {
                let missing = self.said.clone();
                *page = Page { number: state.page, missing, ..Page::default() };
            }
        }
    }

    fn say(&mut self, rank: usize, at: Duration, message: Message, guest: Option<u32>) {
        self.ranks.insert(message, rank);
        if guest.is_some_and(|guest| self.private.contains(&guest)) {
            return;
        }
        let said = Said { message, at, guest };
        for page in self.pages.values_mut().filter(|page| !page.shown.contains(&message)) {
            page.missing.push(said.clone());
        }
        self.said.push(said);
    }

    fn show(&mut self, index: usize, event: &Event, message: Message) {
        let Some(tab) = event.lane.tab() else { return };
        let Some(page) = self.pages.get_mut(&tab) else { return };
        page.missing.retain(|said| said.message != message);
        let (name, at) = (letter(tab), event.at);
        if !page.shown.insert(message) {
            let text = format!("tab {name} showed {message} a second time at {}", secs(at));
            let twice = ORACLE.violation(self.events, index, text);
            return self.found.push(twice.about([message]));
        }
        let Some(rank) = self.ranks.get(&message).copied() else { return };
        match page.furthest {
            Some((furthest, other)) if furthest > rank => {
                let text = format!(
                    "tab {name} showed {message} after {other} at {}, though it was said before",
                    secs(at)
                );
                let late = ORACLE.violation(self.events, index, text);
                self.found.push(late.about([message, other]));
            }
            _ => page.furthest = Some((rank, message)),
        }
    }

    fn judged(&self, tab: u8) -> Option<&Tab> {
        let lane = Lane::Tab(tab);
        self.browser.tab(lane).filter(|state| state.runs() && !self.apart.contains(&lane))
    }

    /// What has been missing for too long by now.
    fn look_back(&mut self, now: Duration) {
        if self.pages.values().all(|page| page.missing.is_empty()) {
            return;
        }
        let (Some(listening), Some(calm)) = (self.listening_since, self.excuses.none_since(now))
        else {
            return;
        };
        let listening = self.on_time_since.map_or(listening, |since| since.max(listening));
        let mut late = Vec::new();
        for (tab, page) in &self.pages {
            let (Some(state), Some(first)) = (self.judged(*tab), page.missing.first()) else {
                continue;
            };
            let since = first.at.max(state.running_since).max(listening).max(calm);
            let mut due = since + self.bounds.seen_within;
            if self.is_late(due) {
                due += self.bounds.hidden_timers;
            }
            if now > due && !page.told {
                late.push((*tab, due));
            }
        }
        for (tab, due) in late {
            let (text, missing) = self.not_shown(tab, due);
            self.found.push(ORACLE.violation_by(self.events, due, text).about(missing));
        }
    }

    fn all_seen(&mut self, index: usize) {
        let due = |tab: &u8, page: &Page| {
            self.judged(*tab).is_some() && !page.told && !page.missing.is_empty()
        };
        let late = self.pages.iter().filter(|(tab, page)| due(tab, page));
        for tab in late.map(|(tab, _)| *tab).collect::<Vec<_>>() {
            let (text, missing) = self.not_shown(tab, self.events[index].at);
            self.found.push(ORACLE.violation(self.events, index, text).about(missing));
        }
    }

    fn not_shown(&mut self, tab: u8, by: Duration) -> (String, Vec<Message>) {
        let page = self.pages.entry(tab).or_default();
        page.told = true;
        let missing: Vec<Message> = page.missing.iter().map(|said| said.message).collect();
        let text = format!(
            "tab {} had not shown {} by {}; expected within {} of its being said",
            letter(tab),
            Message::joined(&missing),
            secs(by),
            secs(self.bounds.seen_within)
        );
        (text, missing)
    }
}
