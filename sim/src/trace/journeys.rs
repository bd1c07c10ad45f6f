//! What leaves one end and arrives at the other is one journey; what never arrives is half of one.
//!
//! A log says nothing about who is whose: each arrival is paired with the last departure of the same
//! thing that is still under way, and where there are tabs `links` says over whose connection.

use std::collections::BTreeMap;
use std::time::Duration;

use super::event::{Event, Kind};
use super::links::{Link, Links};

/// From this on, a journey is long enough to be told: something was repeated, held or waited for.
pub const SLOW: Duration = Duration::from_millis(300);

/// Which way something travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// From a client to the cloud.
    ToCloud,
    /// From the cloud to a client.
    ToClient,
}

/// What became of something that left or arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journey {
    /// Which way it travels.
    pub way: Way,
    /// What travels.
    pub label: String,
    /// The event with which it left; `None` where only the arrival was seen.
    pub left: Option<usize>,
    /// The event with which it arrived; `None` for what was lost.
    pub arrived: Option<usize>,
    /// Whose it is, where there are tabs.
    pub tab: Option<u8>,
}

impl Journey {
    /// How long it took, if it arrived.
    #[must_use]
    pub fn took(&self, events: &[Event]) -> Option<Duration> {
        let arrived = events[self.arrived?].at;
        Some(arrived.saturating_sub(self.left.map_or(arrived, |left| events[left].at)))
    }
}

/// Every journey of a log, by the event that tells its end: the arrival, or the departure of what
/// was lost.
#[must_use]
pub fn journeys(events: &[Event]) -> BTreeMap<usize, Journey> {
    let mut under_way: BTreeMap<(Way, String, Option<Link>), Vec<usize>> = BTreeMap::new();
    let mut journeys = BTreeMap::new();
    let mut links = Links::default();
    for (index, event) in events.iter().enumerate() {
        links.end(event);
        let Some((way, leaving, label)) = transit(event) else { continue };
        let link = links.of(event, &label);
        let waiting = under_way.entry((way, label.clone(), link)).or_default();
        if leaving {
            waiting.push(index);
            continue;
        }
        let (left, arrived) = (waiting.pop(), Some(index));
        let tab = link.map(|(tab, _)| tab);
        journeys.insert(index, Journey { way, label, left, arrived, tab });
    }
    for ((way, label, link), lost) in under_way {
        let tab = link.map(|(tab, _)| tab);
        journeys.extend(lost.into_iter().map(|index| {
            let (label, left) = (label.clone(), Some(index));
            (index, Journey { way, label, left, arrived: None, tab })
        }));
    }
    journeys
}

/// What travels: which way, whether it leaves here, and what to call it.
#[must_use]
pub fn transit(event: &Event) -> Option<(Way, bool, String)> {
    let at_client = event.lane.is_client();
    let (way, leaving, label) = match &event.kind {
        Kind::Request { endpoint, message, .. } => {
            let message = message.as_ref().map(|m| format!(" {m}")).unwrap_or_default();
            (Way::ToCloud, at_client, format!("{endpoint}{message}"))
        }
        Kind::Answer { endpoint, status, retry_after, message, .. } => {
            let what = message.map_or_else(|| endpoint.to_string(), |message| message.to_string());
            let wait = retry_after.as_ref().map(|r| format!(", wait {r}")).unwrap_or_default();
            (Way::ToClient, !at_client, format!("{status} {what}{wait}"))
        }
        Kind::FrameOut { frame, .. } => {
            let way = if at_client { Way::ToCloud } else { Way::ToClient };
            (way, true, frame.to_string())
        }
        Kind::FrameIn { frame, .. } => {
            let way = if at_client { Way::ToClient } else { Way::ToCloud };
            (way, false, frame.to_string())
        }
        _ => return None,
    };
    Some((way, leaving, label))
}
