//! Which tab created which guest, and which tabs have one of their own.
//!
//! The cloud does not say who asked: a guest is taken for that of the tab whose request for one has
//! waited longest.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::trace::{Endpoint, Event, Frame, Kind, Lane, Life};

/// The tabs that report at any time that they run with a guest of their own.
pub(super) fn apart(events: &[Event]) -> BTreeSet<Lane> {
    let reports = events
        .iter()
        .filter(|event| matches!(&event.kind, Kind::Degraded { what, .. } if what.sets_apart()));
    reports.map(|event| event.lane).collect()
}

/// The guests whose messages not every tab can hear: those of tabs that run apart, and those in whose
/// place the tabs have created another since. Whether they had to is for `one_guest` to judge.
pub(crate) fn private(events: &[Event]) -> BTreeSet<u32> {
    let creators = creators(events);
    let mut apart: BTreeSet<Lane> = BTreeSet::new();
    let (mut private, mut shared) = (BTreeSet::new(), Vec::new());
    // A client without tabs leaves a guest that it has heard of when it is told that it is gone.
    let (mut alone, mut refused) = (None, false);
    for event in events {
        match &event.kind {
            Kind::Degraded { what, .. } if what.sets_apart() => {
                apart.insert(event.lane);
            }
            Kind::Life { life: Life::Opened | Life::Reloaded } => {
                apart.remove(&event.lane);
            }
            Kind::GuestCreated { guest } => match creators.get(guest) {
                Some(Creator { by: Lane::Client, heard: true }) => {
                    private.extend(alone.replace(*guest).filter(|_| refused));
                    refused = false;
                }
                Some(Creator { by, heard: true }) if by.tab().is_some() && !apart.contains(by) => {
                    shared.push(*guest);
                }
                // A page that has gone before it heard of its guest took it along, and nobody knows one
                // that a request made late, long given up.
                _ => drop(private.insert(*guest)),
            },
            Kind::Answer { status: 404 | 410, .. }
            | Kind::FrameIn { frame: Frame::Error { status: 404 | 410, .. }, .. }
                if event.lane == Lane::Client =>
            {
                refused = true;
            }
            _ => {}
        }
    }
    shared.pop();
    private.extend(shared);
    private
}

/// Who created a guest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Creator {
    pub(super) by: Lane,
    /// Whether the answer has arrived.
    heard: bool,
}

/// Who created each guest, as far as a log can tell: whoever had asked for longest, unless an answer
/// that arrives says otherwise.
pub(super) fn creators(events: &[Event]) -> BTreeMap<u32, Creator> {
    let mut asking: VecDeque<(Lane, u32)> = VecDeque::new();
    let mut unanswered: BTreeMap<u32, (Lane, u32)> = BTreeMap::new();
    let mut creators = BTreeMap::new();
    let mut opened = BTreeSet::new();
    for event in events {
        let lane = event.lane;
        match &event.kind {
            Kind::Request { conn, endpoint: Endpoint::Guests, .. } if lane.is_client() => {
                asking.push_back((lane, *conn));
            }
            Kind::GuestCreated { guest } => {
                let by = asking.pop_front();
                unanswered.extend(by.map(|by| (*guest, by)));
                creators.extend(by.map(|(by, _)| (*guest, Creator { by, heard: false })));
            }
            Kind::Answer { conn, endpoint: Endpoint::Guests, status, .. } if lane.is_client() => {
                let asked = (lane, *conn);
                asking.retain(|other| *other != asked);
                if *status >= 300 {
                    continue;
                }
                let own = unanswered.iter().find(|(_, by)| **by == asked);
                // Another request, taken for the one that was heard, was lost.
                let guest = own.or_else(|| unanswered.last_key_value()).map(|(guest, _)| *guest);
                if let Some(guest) = guest {
                    unanswered.remove(&guest);
                    creators.insert(guest, Creator { by: lane, heard: true });
                }
            }
            Kind::SocketOpened { guest, .. } if opened.insert(*guest) => {
                hear(&mut creators, *guest, &opened);
            }
            _ => {}
        }
    }
    creators
}

/// Whoever opens a socket for a guest has heard of it, and not of the other one that the answer was
/// taken for.
fn hear(creators: &mut BTreeMap<u32, Creator>, guest: u32, opened: &BTreeSet<u32>) {
    let Some(by) = creators.get(&guest).filter(|creator| !creator.heard).map(|c| c.by) else {
        return;
    };
    let mistaken = |(other, creator): &(&u32, &mut Creator)| {
        creator.by == by && creator.heard && !opened.contains(*other)
    };
    if let Some((_, other)) = creators.iter_mut().rfind(mistaken) {
        other.heard = false;
        creators.insert(guest, Creator { by, heard: true });
    }
}
