//! one-socket: the tabs of one browser hold one socket. Two of them stand together no longer than a
//! hand-over takes.
//!
//! It looks at the tabs' ends: from the 101 to the end of the connection, a close frame or the end
//! of the page. A frozen tab cannot close its socket, so that its time does not count; once it runs
//! again it does. Ignores tabs that report that they run apart. At the cloud's end, where sockets go
//! by guest, it speaks up only if nothing at all disturbed the tabs, because a socket whose end has
//! not arrived there is nobody's fault.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::excuses::Excuses;
use super::{Bounds, Oracle, Violation, end_of, guests, has_tabs, secs};
use crate::trace::browser::{Browser, Place, Tab};
use crate::trace::event::letter;
use crate::trace::{Event, Kind, Lane, Life};

pub(super) const ORACLE: Oracle = Oracle {
    id: "one-socket",
    holds_when: "two open sockets of one guest never stand together longer than a hand-over",
    judge,
};

/// What the way to the cloud may add to the life of a socket there.
const WAY: Duration = Duration::from_secs(1);
/// What happened to tabs or network so long ago may still delay what the cloud hears.
const AFTERMATH: Duration = Duration::from_secs(30);

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut found = if has_tabs(events) { at_the_tabs(events, bounds) } else { Vec::new() };
    if found.is_empty() {
        found = at_the_cloud(events, bounds);
    }
    found
}

/// A tab and its connection.
type Socket = (u8, u32);
/// Since when each socket has counted.
type Counted = BTreeMap<Socket, Duration>;

fn at_the_tabs(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let apart = guests::apart(events);
    let mut browser = Browser::default();
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    let mut counted = Counted::new();
    for instant in events.chunk_by(|one, other| one.at == other.at) {
        let now = instant[0].at;
        if counted.len() > 1 {
            together(events, bounds, &counted, now, &mut told, &mut found);
        }
        let changes = instant.iter().filter(|event| browser.on(event)).count();
        if changes > 0 {
            count(&browser, &apart, &mut counted, now);
        }
    }
    found
}

/// The sockets that count from now on.
fn count(browser: &Browser, apart: &BTreeSet<Lane>, counted: &mut Counted, now: Duration) {
    let counts = |lane: Lane, tab: &Tab| !apart.contains(&lane) && tab.place != Place::Frozen;
    counted.retain(|(tab, conn), _| {
        let lane = Lane::Tab(*tab);
        browser.tab(lane).is_some_and(|tab| counts(lane, tab) && tab.sockets.contains_key(conn))
    });
    for (tab, state) in browser.tabs().filter(|(tab, state)| counts(Lane::Tab(*tab), state)) {
        for conn in state.sockets.keys() {
            counted.entry((tab, *conn)).or_insert(now);
        }
    }
}

fn together(
    events: &[Event],
    bounds: &Bounds,
    counted: &Counted,
    now: Duration,
    told: &mut BTreeSet<(Socket, Socket)>,
    found: &mut Vec<Violation>,
) {
    for (one, since) in counted {
        for (other, other_since) in counted.range(*one..).skip(1) {
            let both = *since.max(other_since);
            let due = both + bounds.hand_over;
            if now <= due || !told.insert((*one, *other)) {
                continue;
            }
            let text = format!(
                "the sockets of tab {} (connection {}) and tab {} (connection {}) were both open \
                 from {} to {} and longer; expected {} at most",
                letter(one.0),
                one.1,
                letter(other.0),
                other.1,
                secs(both),
                secs(due),
                secs(bounds.hand_over)
            );
            found.push(ORACLE.violation_by(events, due, text));
        }
    }
}

fn at_the_cloud(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    if !has_tabs(events) {
        return Vec::new();
    }
    let excuses = Excuses::of(events, bounds);
    let mut open: BTreeMap<(u32, u64), Duration> = BTreeMap::new();
    let mut lives: Vec<(u32, u64, Duration, Duration)> = Vec::new();
    for event in events {
        match &event.kind {
            Kind::SocketOpened { guest, socket } => {
                open.insert((*guest, *socket), event.at);
            }
            Kind::SocketClosed { guest, socket } => {
                let since = open.remove(&(*guest, *socket));
                lives.extend(since.map(|since| (*guest, *socket, since, event.at)));
            }
            _ => {}
        }
    }
    let end = end_of(events);
    lives.extend(open.into_iter().map(|((guest, socket), since)| (guest, socket, since, end)));
    lives.sort_unstable_by_key(|(_, _, since, _)| *since);
    let mut found = Vec::new();
    for (index, (guest, socket, opened, closed)) in lives.iter().enumerate() {
        for (other_guest, other, both, other_closed) in &lives[index + 1..] {
            let due = *both + bounds.hand_over + WAY;
            if guest != other_guest || due >= *closed.min(other_closed) {
                continue;
            }
            // The end of the older one may have been lost at any time of its life.
            let from = opened.saturating_sub(AFTERMATH);
            if !excuses.none_between(from, due) || jolted(events, due) {
                continue;
            }
            let text = format!(
                "the cloud had two open sockets of guest {guest}, {socket} and {other}, from {} to \
                 {} and longer; expected {} at most",
                secs(*both),
                secs(due),
                secs(bounds.hand_over)
            );
            found.push(ORACLE.violation_by(events, due, text));
        }
    }
    found
}

/// Whether any tab was stopped in its tracks before `until`.
fn jolted(events: &[Event], until: Duration) -> bool {
    let jolt = |event: &&Event| {
        let Kind::Life { life } = event.kind else { return false };
        matches!(life, Life::Frozen | Life::Cached | Life::Crashed)
    };
    events.iter().take_while(|event| event.at <= until).any(|event| jolt(&event))
}
