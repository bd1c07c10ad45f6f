//! in-order: each guest's conversation has the messages in the order in which they were typed, and
//! the agent's messages are shown in the order in which they were said.
//!
//! Ignores messages that nobody typed or said, second copies (another oracle has them), and a
//! message that the client had given up and not sent again: the copy under way may land late, and
//! no client can call it back.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bounds, Oracle, Violation, secs};
use crate::trace::{Event, Frame, Kind, Lane};

pub(super) const ORACLE: Oracle = Oracle {
    id: "in-order",
    holds_when: "the conversation has one guest's messages in the order they were sent, and the \
                 agent's are shown in the order they were said",
    judge,
};

/// Messages as they arrive at one place.
#[derive(Default)]
struct Arrivals<'a> {
    seen: BTreeSet<&'a str>,
    /// The arrival that stands furthest back in the right order.
    furthest: Option<(usize, &'a str)>,
}

impl<'a> Arrivals<'a> {
    /// Takes the next arrival; gives the message that has overtaken it.
    fn overtaken_by(&mut self, rank: usize, message: &'a str) -> Option<&'a str> {
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

fn judge(events: &[Event], _bounds: &Bounds) -> Vec<Violation> {
    let mut typed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    let mut given_up: BTreeSet<&str> = BTreeSet::new();
    let mut stored: BTreeMap<u32, Arrivals<'_>> = BTreeMap::new();
    let mut shown = Arrivals::default();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match &event.kind {
            Kind::Typed { message, .. } => {
                typed.insert(message, index);
            }
            Kind::Said { message, .. } => {
                said.insert(message, index);
            }
            Kind::Failed { message, .. } => {
                given_up.insert(message);
            }
            Kind::Request { message: Some(message), .. }
            | Kind::FrameOut { frame: Frame::Message(message), .. }
                if event.lane == Lane::Client =>
            {
                given_up.remove(message.as_str());
            }
            Kind::Stored { guest, message, .. } if !given_up.contains(message.as_str()) => {
                let Some(rank) = typed.get(message.as_str()) else { continue };
                let place = stored.entry(*guest).or_default();
                if let Some(other) = place.overtaken_by(*rank, message) {
                    let at = secs(event.at);
                    let text =
                        format!("{message} was stored after {other} at {at}, but typed before it");
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            Kind::Shown { message } => {
                let Some(rank) = said.get(message.as_str()) else { continue };
                if let Some(other) = shown.overtaken_by(*rank, message) {
                    let at = secs(event.at);
                    let text =
                        format!("{message} was shown after {other} at {at}, but said before it");
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            _ => {}
        }
    }
    found
}
