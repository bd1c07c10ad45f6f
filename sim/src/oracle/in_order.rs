//! in-order: each guest's conversation has the messages in the order in which they were typed, and
//! the agent's messages are shown in the order in which they were said.
//!
//! Ignores messages that nobody typed or said, second copies (another oracle has them), and a
//! message that the client had given up and not sent again: the copy under way may land late, and
//! no client can call it back. So it is with one that a page took along before it was accepted: a
//! leader that slept may hear of it long after.
//!
//! In a browser the order is that of typing in each tab, and over all tabs what was accepted in one
//! comes before what is typed after that in any: two messages that tabs take at the same time have
//! no order. Each page shows in the order of saying for itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bounds, Oracle, Violation, ends_page, secs};
use crate::trace::browser::Browser;
use crate::trace::{Event, Frame, Kind, Lane, Message};

pub(super) const ORACLE: Oracle = Oracle {
    id: "in-order",
    holds_when: "the conversation has one guest's messages in the order they were sent, and the \
                 agent's are shown in the order they were said",
    judge,
};

/// Messages as they arrive at one place.
#[derive(Default)]
struct Arrivals {
    seen: BTreeSet<Message>,
    /// The arrival that stands furthest back in the right order.
    furthest: Option<(usize, Message)>,
}

impl Arrivals {
    /// Takes the next arrival; gives the message that has overtaken it.
    fn overtaken_by(&mut self, rank: usize, message: Message) -> Option<Message> {
        if !self.seen.insert(message) {
            return None;
        }
        match self.furthest {
            Some((furthest, name)) if furthest > rank => Some(name),
            _ => {
                self.furthest = Some((rank, message));
                None
            }
        }
    }
}

/// Where a message stands among those that were typed.
#[derive(Clone, Copy)]
struct Place {
    lane: Lane,
    typed: usize,
    accepted: Option<usize>,
}

/// What of one guest has arrived.
#[derive(Default)]
struct Conversation {
    /// The messages of each lane among themselves.
    lanes: BTreeMap<Lane, Arrivals>,
    /// The last typed of all that have arrived.
    last: Option<(usize, Message)>,
}

impl Conversation {
    fn overtaken_by(&mut self, place: Place, message: Message) -> Option<Message> {
        let lane = self.lanes.entry(place.lane).or_default();
        if lane.seen.contains(&message) {
            return None;
        }
        let in_lane = lane.overtaken_by(place.typed, message);
        let last = self.last;
        self.last = last.max(Some((place.typed, message)));
        let promised = place.accepted.zip(last).filter(|(accepted, (typed, _))| typed > accepted);
        in_lane.or(promised.map(|(_, (_, other))| other))
    }
}

fn judge(events: &[Event], _bounds: &Bounds) -> Vec<Violation> {
    let mut typed: BTreeMap<Message, Place> = BTreeMap::new();
    let mut said: BTreeMap<Message, usize> = BTreeMap::new();
    let mut given_up: BTreeSet<Message> = BTreeSet::new();
    let mut unpromised: BTreeSet<Message> = BTreeSet::new();
    let mut stored: BTreeMap<u32, Conversation> = BTreeMap::new();
    let mut shown: BTreeMap<(Lane, u32), Arrivals> = BTreeMap::new();
    let mut browser = Browser::default();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        browser.on(event);
        let lane = event.lane;
        match &event.kind {
            Kind::Typed { message, .. } => {
                typed.insert(*message, Place { lane, typed: index, accepted: None });
            }
            Kind::Accepted { message } => {
                if let Some(place) = typed.get_mut(message) {
                    place.accepted = Some(index);
                }
            }
            Kind::Said { message, .. } => {
                said.insert(*message, index);
            }
            Kind::Failed { message, .. } => {
                given_up.insert(*message);
            }
            kind if ends_page(kind) => {
                let taken_along = |place: &Place| place.lane == lane && place.accepted.is_none();
                unpromised
                    .extend(typed.iter().filter(|(_, at)| taken_along(at)).map(|(name, _)| *name));
            }
            Kind::Request { message: Some(message), .. }
            | Kind::FrameOut { frame: Frame::Message(message), .. }
                if lane.is_client() =>
            {
                given_up.remove(message);
            }
            Kind::Stored { guest, message, .. }
                if !given_up.contains(message) && !unpromised.contains(message) =>
            {
                let Some(place) = typed.get(message) else { continue };
                let conversation = stored.entry(*guest).or_default();
                if let Some(other) = conversation.overtaken_by(*place, *message) {
                    let at = secs(event.at);
                    let text =
                        format!("{message} was stored after {other} at {at}, but typed before it");
                    let found_here = ORACLE.violation(events, index, text);
                    found.push(found_here.about([*message, other]));
                }
            }
            Kind::Shown { message } => {
                let Some(rank) = said.get(message) else { continue };
                let page = shown.entry((lane, browser.page(lane))).or_default();
                if let Some(other) = page.overtaken_by(*rank, *message) {
                    let at = secs(event.at);
                    let text =
                        format!("{message} was shown after {other} at {at}, but said before it");
                    let found_here = ORACLE.violation(events, index, text);
                    found.push(found_here.about([*message, other]));
                }
            }
            _ => {}
        }
    }
    found
}
