//! Which tab created which guest, and which tabs have one of their own.
//!
//! The cloud does not say who asked: a guest is taken for that of the tab whose request for one has
//! waited longest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::trace::{Endpoint, Event, Kind, Lane};

/// The tabs that report at any time that they run with a guest of their own.
pub(super) fn apart(events: &[Event]) -> BTreeSet<Lane> {
    let reports = events.iter().filter(
        |event| matches!(&event.kind, Kind::Degraded { what, .. } if what.as_str() != "worker"),
    );
    reports.map(|event| event.lane).collect()
}

/// The guests whose messages not every tab can hear: those of tabs that run apart, and those in whose
/// place the tabs have created another since. Whether they had to is for `one_guest` to judge.
pub(crate) fn private(events: &[Event]) -> BTreeSet<u32> {
    let apart = apart(events);
    let own = creators(events).into_iter().filter(|(_, lane)| apart.contains(lane));
    let mut private: BTreeSet<u32> = own.map(|(guest, _)| guest).collect();
    let shared = events.iter().filter_map(|event| match event.kind {
        Kind::GuestCreated { guest } => Some(guest).filter(|guest| !private.contains(guest)),
        _ => None,
    });
    let mut shared: Vec<u32> = shared.collect();
    shared.pop();
    private.extend(shared);
    private
}

/// Who created each guest, as far as a log can tell.
pub(super) fn creators(events: &[Event]) -> BTreeMap<u32, Lane> {
    let mut asking: VecDeque<(Lane, u32)> = VecDeque::new();
    let mut creators = BTreeMap::new();
    for event in events {
        match &event.kind {
            Kind::Request { conn, endpoint: Endpoint::Guests, .. } if event.lane.is_client() => {
                asking.push_back((event.lane, *conn));
            }
            Kind::GuestCreated { guest } => {
                creators.extend(asking.pop_front().map(|(lane, _)| (*guest, lane)));
            }
            Kind::Answer { conn, .. } | Kind::Ended { conn, .. } => {
                asking.retain(|asked| *asked != (event.lane, *conn));
            }
            _ => {}
        }
    }
    creators
}
