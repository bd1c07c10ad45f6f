//! one-guest: the tabs of one browser use one guest at a time, and no tab uses a token that it has
//! been told is expired.
//!
//! A guest is in use once the answer that brings it has arrived in a tab. A second one is excused if
//! the first is gone, if the server no longer refreshes it, if the site's data was cleared, and if
//! the tab that created the first went, froze or gave up the lead before it could save it, or after
//! the store had refused to keep it: what was refused goes with the write behind the first that is
//! accepted. One that is brought to a tab after another has claimed a newer
//! epoch is nobody's: it slept, and what it gets is fenced. A token
//! is known to be expired after one 401; every tab may be told once, and what was on its way by then
//! does not count. Ignores tabs that run apart.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Bounds, Oracle, Violation, guests, has_tabs, is_crash, is_data_cleared, is_not_kept, secs, who,
};
use crate::trace::event::letter;
use crate::trace::{Endpoint, Event, Frame, Kind, Lane, Life};

pub(super) const ORACLE: Oracle = Oracle {
    id: "one-guest",
    holds_when: "tabs of one browser share one guest, and nobody uses an expired token knowingly",
    judge,
};

/// A tab that created a guest has so long to save it.
const SAVED_WITHIN: Duration = Duration::from_secs(1);

/// The guest that the tabs have.
#[derive(Clone, Copy)]
struct Current {
    guest: u32,
    by: Lane,
    since: Duration,
    /// Since when it can be saved; never while the store refuses to keep it.
    saves_since: Option<Duration>,
}

impl Current {
    /// Whether the next tab can know of it.
    fn is_saved(self, at: Duration) -> bool {
        self.saves_since.is_some_and(|since| at > since + SAVED_WITHIN)
    }
}

fn judge(events: &[Event], _bounds: &Bounds) -> Vec<Violation> {
    if !has_tabs(events) {
        return Vec::new();
    }
    let apart = guests::apart(events);
    let mut found = several(events, &apart);
    found.extend(expired(events, &apart));
    found
}

fn several(events: &[Event], apart: &BTreeSet<Lane>) -> Vec<Violation> {
    let creators = guests::creators(events);
    let mut created: BTreeMap<Lane, u32> = BTreeMap::new();
    let mut current: Option<Current> = None;
    let mut claims: BTreeMap<Lane, u64> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let (lane, at) = (event.lane, event.at);
        match &event.kind {
            Kind::GuestCreated { guest } => {
                created.extend(creators.get(guest).map(|creator| (creator.by, *guest)));
            }
            Kind::Claimed { epoch } => drop(claims.insert(lane, *epoch)),
            Kind::GuestGone { guest } => current = current.filter(|now| now.guest != *guest),
            kind if is_data_cleared(kind) => current = None,
            kind if is_crash(kind) => current = current.filter(|now| now.is_saved(at)),
            Kind::Wrote { accepted, .. } => {
                if let Some(now) = current.as_mut().filter(|now| now.by == lane) {
                    if *accepted {
                        now.saves_since.get_or_insert(at);
                    } else if is_not_kept(&event.kind) {
                        now.saves_since = None;
                    }
                }
            }
            Kind::Follows { .. }
            | Kind::Life {
                life: Life::Closed | Life::Crashed | Life::Reloaded | Life::Frozen | Life::Cached,
            } => {
                current = current.filter(|now| now.by != lane || now.is_saved(at));
            }
            Kind::Answer { endpoint: Endpoint::Refresh, status: 400..=428 | 430..=499, .. }
                if lane.is_client() =>
            {
                current = None;
            }
            Kind::Answer { endpoint: Endpoint::Guests, status: 200..=299, .. }
                if lane.is_client() && !apart.contains(&lane) =>
            {
                let Some(guest) = created.remove(&lane) else { continue };
                let newest = claims.values().max();
                if claims.get(&lane).is_some_and(|own| newest > Some(own)) {
                    continue;
                }
                if let Some(Current { guest: first, by, since, .. }) = current {
                    let text = format!(
                        "{} created guest {guest} at {}, though the tabs had shared guest {first}, created \
                         by {}, since {}",
                        who(lane),
                        secs(at),
                        who(by),
                        secs(since)
                    );
                    found.push(ORACLE.violation(events, index, text));
                }
                current = Some(Current { guest, by: lane, since: at, saves_since: Some(at) });
            }
            _ => {}
        }
    }
    found
}

fn expired(events: &[Event], apart: &BTreeSet<Lane>) -> Vec<Violation> {
    let mut asked: BTreeMap<(Lane, u32), Duration> = BTreeMap::new();
    let mut told: BTreeMap<Lane, Duration> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let lane = event.lane;
        let Some(tab) = lane.tab().filter(|_| !apart.contains(&lane)) else { continue };
        let refused = match &event.kind {
            Kind::Request { conn, .. } | Kind::FrameOut { conn, frame: Frame::Message(_) } => {
                asked.insert((lane, *conn), event.at);
                continue;
            }
            // Who has stopped for good or for a while starts again from what is stored.
            Kind::Follows { .. }
            | Kind::Life { life: Life::Opened | Life::Reloaded | Life::Frozen | Life::Cached } => {
                told.remove(&lane);
                continue;
            }
            Kind::Answer { endpoint: Endpoint::Guests | Endpoint::Refresh, status, .. } => {
                if *status < 300 {
                    told.clear();
                }
                continue;
            }
            Kind::Answer { conn, status: 401, .. }
            | Kind::FrameIn { conn, frame: Frame::Error { status: 401, .. } } => *conn,
            _ => continue,
        };
        let sent = asked.get(&(lane, refused)).copied().unwrap_or_default();
        if let Some(known) = told.get(&lane).filter(|known| sent > **known) {
            let text = format!(
                "tab {} used a token at {} that it knew to be expired since {}",
                letter(tab),
                secs(sent),
                secs(*known)
            );
            found.push(ORACLE.violation(events, index, text));
        }
        told.entry(lane).or_insert(event.at);
    }
    found
}
