//! someone-listens: while a tab runs and nobody else is to blame, some tab has an open socket again
//! within the bound.
//!
//! How long that may take depends on how the last one went: a hand-over, the crash or the close of
//! the tab that held it, a freeze of that tab without a word, or anything else, such as the start, a
//! healed fault and a socket that the other side has ended. If every tab that runs is hidden, its
//! timers may be late, two in a row: a second each, and a minute once it has been hidden for
//! five. Ignores tabs that run apart (their sockets are their own affair), tabs that do not run (a socket of theirs is heard by nobody), and what
//! [`Excuses`](super::excuses::Excuses) excuses.

use std::time::Duration;

use super::excuses::Excuses;
use super::{Bounds, Oracle, Violation, end_of, ends_page, has_tabs, secs};
use crate::trace::browser::{Browser, Place, Tab};
use crate::trace::reports::{State, Wait};
use crate::trace::{Event, Kind, Lane, Life};

pub(super) const ORACLE: Oracle = Oracle {
    id: "someone-listens",
    holds_when: "while a tab lives and the network is healthy, a live socket exists again within \
                 the bound",
    judge,
};

/// A time without a socket.
#[derive(Clone, Copy)]
struct Gap {
    since: Duration,
    due: Duration,
    /// What the due moment grants a tab that was there from the beginning.
    allowed: Duration,
}

struct Watch<'a> {
    bounds: &'a Bounds,
    excuses: Excuses,
    browser: Browser,
    gap: Option<Gap>,
    /// The one in which everybody fell asleep: whoever waited for its next try waits on when it wakes.
    slept_over: Option<Gap>,
    /// When a page went that had no socket: somebody may just be giving way to it.
    left_at: Option<Duration>,
    /// When a tab woke up to hear that it leads no more.
    woke_at: Option<Duration>,
    /// Who falls asleep at this very moment, before or after what else happens at it.
    dozing: Vec<Lane>,
    /// This gap has been told.
    told: bool,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    if !has_tabs(events) {
        return Vec::new();
    }
    let mut watch = Watch {
        bounds,
        excuses: Excuses::of(events, bounds),
        browser: Browser::default(),
        gap: None,
        slept_over: None,
        left_at: None,
        woke_at: None,
        dozing: Vec::new(),
        told: false,
    };
    let mut found = Vec::new();
    for instant in events.chunk_by(|one, other| one.at == other.at) {
        found.extend(watch.overdue(events, instant[0].at));
        watch.instant(instant);
    }
    found.extend(watch.overdue(events, end_of(events)));
    found
}

impl Watch<'_> {
    fn running(&self) -> impl Iterator<Item = (u8, &Tab)> {
        self.browser.tabs().filter(|(_, state)| state.runs() && !state.apart)
    }

    fn overdue(&mut self, events: &[Event], now: Duration) -> Option<Violation> {
        let Gap { since, due, .. } = self.gap.filter(|_| !self.told)?;
        let due = self.excuses.put_off(since, due, self.loose(now));
        if now <= due {
            return None;
        }
        self.told = true;
        let text = format!(
            "no tab had an open socket from {} to {}, though one was running; expected one again \
             after {} at most",
            secs(since),
            secs(due),
            secs(due.saturating_sub(since))
        );
        Some(ORACLE.violation_by(events, due, text))
    }

    fn instant(&mut self, instant: &[Event]) {
        let now = instant[0].at;
        let was_late = self.gap.map(|_| self.lateness(None, now));
        let mut allowed = None;
        let dozes = |event: &&Event| event.kind == Kind::Life { life: Life::Frozen };
        self.dozing = instant.iter().filter(dozes).map(|event| event.lane).collect();
        for event in instant {
            let bound = self.bound_after(event);
            allowed = allowed.max(bound);
            let woke = |tab: &Tab| tab.leads.is_some() && tab.running_since == now;
            if matches!(event.kind, Kind::Follows { .. })
                && self.browser.tab(event.lane).is_some_and(woke)
            {
                self.woke_at = Some(now);
            }
            if bound.is_none() && ends_page(&event.kind) {
                self.left_at = Some(now);
            }
            self.browser.on(event);
        }
        if self.running().next().is_none() {
            self.slept_over = self.gap.take().filter(|_| !self.told).or(self.slept_over);
            self.told = false;
            return;
        }
        if self.running().any(|(_, tab)| !tab.sockets.is_empty()) {
            (self.gap, self.slept_over) = (None, None);
            self.told = false;
            return;
        }
        let eldest = self.running().map(|(_, tab)| tab.running_since).min().unwrap_or_default();
        let loose = self.loose(now);
        let waited_until = self.slept_over.take().map_or(now, |gap| gap.due);
        let gap = self.gap.get_or_insert_with(|| {
            let allowed = allowed.unwrap_or(loose);
            Gap { since: now, due: waited_until.max(now + allowed), allowed }
        });
        if let Some(allowed) = allowed.filter(|allowed| now + *allowed > gap.due) {
            (gap.due, gap.allowed) = (now + allowed, allowed);
        }
        // Whoever was watching on time may have gone: the others' timers are late.
        let lateness = self.lateness(None, now);
        let is_later = was_late.is_some_and(|before| before < lateness);
        if let Some(gap) = self.gap.as_mut().filter(|_| is_later) {
            gap.due = gap.due.max(now + gap.allowed + lateness);
        }
        let Some(gap) = &mut self.gap else { return };
        // Whoever saw the last one go may have gone as well: the next begins from nothing.
        if eldest > gap.since {
            gap.due = gap.due.max(eldest + gap.allowed.max(self.bounds.take_over_frozen));
        }
    }

    /// How long it may take after an event that took the connection from its holder.
    fn bound_after(&self, event: &Event) -> Option<Duration> {
        let holder = self.browser.tab(event.lane)?;
        let held = holder.leads.is_some() || !holder.sockets.is_empty();
        let settled = |(tab, state): (u8, &Tab)| {
            Some(tab) != event.lane.tab() && state.running_since + self.bounds.hand_over <= event.at
        };
        match event.kind {
            // Who has led meanwhile sleeps too, or the lock falls to one that sleeps in the queue: it
            // must be missed first.
            Kind::Follows { .. } if self.somebody_sleeps(event.lane) => {
                Some(self.bounds.take_over_frozen + self.lateness(None, event.at))
            }
            Kind::Follows { .. }
                if self.left_at.is_some_and(|at| at + self.bounds.hand_over > event.at) =>
            {
                Some(self.bounds.take_over + self.late_go_on(event.at))
            }
            Kind::Follows { .. } => Some(self.bounds.hand_over),
            // A leader that slept tells only when it wakes how its tries of before went, and the next one
            // waits that out.
            Kind::State { ref state }
                if holder.leads.is_some()
                    && *state == State::Waiting(Some(Wait::Earlier))
                    && self.woke_at.is_some_and(|at| at + self.bounds.hand_over > event.at) =>
            {
                Some(self.bounds.take_over_frozen)
            }
            // It may have been the one that was to have it: the old one goes on when its timer says so.
            Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded | Life::Cached }
                if !held
                    && self.gap.is_some_and(|gap| gap.since + self.bounds.hand_over > event.at) =>
            {
                Some(self.bounds.take_over + self.late_go_on(event.at))
            }
            // It gave way, was to go on if nobody came, and has fallen asleep with the lock.
            Kind::Life { life: Life::Frozen }
                if !held
                    && self.gap.is_some_and(|gap| {
                        let due = gap.since + self.bounds.hand_over;
                        gap.since < event.at && event.at < due
                    }) =>
            {
                Some(self.bounds.take_over_frozen + self.lateness(Some(event.lane), event.at))
            }
            _ if !held => None,
            Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded } => {
                let somebody = self.running().any(settled);
                Some(if somebody && self.somebody_sleeps(event.lane) {
                    self.bounds.take_over_frozen + self.lateness(Some(event.lane), event.at)
                } else if somebody {
                    self.bounds.take_over
                } else {
                    self.loose(event.at)
                })
            }
            Kind::Life { life: Life::Frozen | Life::Cached } if holder.leads.is_some() => {
                let but_for_it = Some(event.lane);
                Some(self.bounds.take_over_frozen + self.lateness(but_for_it, event.at))
            }
            _ => None,
        }
    }

    /// Whether another tab leads or may be given the lock without knowing.
    fn somebody_sleeps(&self, but_for: Lane) -> bool {
        let mut others = self.browser.tabs().filter(|(tab, _)| but_for != Lane::Tab(*tab));
        if self.dozing.iter().any(|lane| *lane != but_for) {
            return true;
        }
        others.any(|(_, tab)| tab.place == Place::Frozen || tab.leads.is_some() && !tab.runs())
    }

    fn loose(&self, now: Duration) -> Duration {
        self.bounds.listen_again + self.lateness(None, now)
    }

    /// What it adds that a hidden tab goes on when nobody has come.
    fn late_go_on(&self, now: Duration) -> Duration {
        self.running().map(|(_, tab)| self.late_by(tab, now)).max().unwrap_or_default()
    }

    /// What hidden timers add when nobody else was there in time.
    fn lateness(&self, but_for: Option<Lane>, now: Duration) -> Duration {
        let since = self.gap.map_or(now, |gap| gap.since);
        let others = || self.running().filter(|(tab, _)| but_for != Some(Lane::Tab(*tab)));
        let in_time = |(index, tab): &(u8, &Tab)| {
            let dozes = self.dozing.contains(&Lane::Tab(*index));
            tab.running_since <= since && !dozes
        };
        let soonest = others().filter(in_time).map(|(_, tab)| self.late_by(tab, now)).min();
        // A hidden leader keeps the lead unless the user goes elsewhere, and its timers are late.
        let leaders = others().filter(|(_, tab)| tab.leads.is_some());
        let leader = leaders.map(|(_, tab)| self.late_by(tab, now)).max();
        // A question and the wait for its answer, or a try and the next.
        soonest.unwrap_or(self.bounds.hidden_timers).max(leader.unwrap_or_default()) * 2
    }

    /// How late a tab's timers may be, until the moment in which somebody has to listen.
    fn late_by(&self, tab: &Tab, now: Duration) -> Duration {
        self.bounds.late_by(tab.hidden(), now + self.bounds.listen_again)
    }
}
