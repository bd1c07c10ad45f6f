//! Where each fault sits between client and cloud, how long it lasted, and which of them stopped or
//! held a message. So does a tab that sleeps or is gone.

use std::time::Duration;

use serde::Serialize;

use holdline_sim::trace::conditions::{Effect, Host, Link};
use holdline_sim::trace::event::{Event, Kind, Lane, Life, letter};
use holdline_sim::trace::journeys::{Journey, SLOW, Way};

/// A part of the way from a client to the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Spot {
    Client,
    /// The link between client and proxy.
    Near,
    Proxy,
    /// The link between proxy and cloud.
    Far,
    Cloud,
}

/// A fault that lasted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Band {
    pub(super) text: String,
    pub(super) spot: Spot,
    /// The event with which it began.
    pub(super) from: usize,
    /// The event with which it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<usize>,
    /// Whether it can stop or hold what passes.
    #[serde(skip)]
    blocks: bool,
}

/// Every fault of a run that lasted, in order of its beginning.
pub(super) fn bands(events: &[Event]) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match &event.kind {
            Kind::Fault { what, on: true } if what.lasts => {
                let (spot, blocks) = spot_of(what.effect);
                let (text, from) = (what.text.clone(), index);
                bands.push(Band { text, spot, from, to: None, blocks });
            }
            Kind::Fault { what, on: false } => {
                let open = |band: &&mut Band| band.to.is_none() && band.text == what.text;
                if let Some(band) = bands.iter_mut().find(open) {
                    band.to = Some(index);
                }
            }
            _ => {}
        }
    }
    bands
}

fn spot_of(effect: Effect) -> (Spot, bool) {
    match effect {
        Effect::Partition(link)
        | Effect::Hold(link)
        | Effect::Latency(link)
        | Effect::Loss(link) => {
            (if link == Link::ClientProxy { Spot::Near } else { Spot::Far }, true)
        }
        Effect::Outage(Host::Client) => (Spot::Client, true),
        Effect::Outage(Host::Proxy) | Effect::Proxy => (Spot::Proxy, true),
        Effect::Outage(Host::Cloud) => (Spot::Cloud, true),
        Effect::PutClockForward => (Spot::Client, false),
        Effect::Cloud | Effect::ExpireTokens => (Spot::Cloud, false),
    }
}

/// Why something did not come, or came late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    /// Where it stopped or waited.
    pub(super) spot: Spot,
    /// The fault that lay in its way; `None` where no fault of the plan explains it.
    pub(super) fault: Option<String>,
}

/// What stopped a journey or held it up; `None` for one that came in time.
pub(super) fn stop_of(journey: &Journey, bands: &[Band], events: &[Event]) -> Option<Stop> {
    let left = journey.left?;
    if journey.took(events).is_some_and(|took| took < SLOW) {
        return None;
    }
    let left_at = events[left].at;
    let until = journey.arrived.map_or(left_at + SLOW, |arrived| events[arrived].at);
    let in_the_way = |band: &&Band| {
        let ends = band.to.map_or(Duration::MAX, |to| events[to].at);
        band.blocks && events[band.from].at <= until && left_at <= ends
    };
    // What is nearest to whoever sent it stops it first.
    let along = |band: &&Band| match journey.way {
        Way::ToCloud => band.spot as i8,
        Way::ToClient => -(band.spot as i8),
    };
    let fault = bands.iter().filter(in_the_way).min_by_key(along);
    let of_fault = |band: &Band| Stop { spot: band.spot, fault: Some(band.text.clone()) };
    let unknown = || Stop { spot: Spot::Proxy, fault: None };
    Some(
        fault
            .map(of_fault)
            .or_else(|| sleeper(journey, left, until, events))
            .unwrap_or_else(unknown),
    )
}

/// The tab that something travels to or from, where it did not run meanwhile.
fn sleeper(journey: &Journey, left: usize, until: Duration, events: &[Event]) -> Option<Stop> {
    let tab = journey.tab?;
    let mut asleep = None;
    let own = events.iter().enumerate().filter(|(_, event)| event.lane == Lane::Tab(tab));
    for (index, event) in own.take_while(|(_, event)| event.at <= until) {
        let Kind::Life { life } = &event.kind else { continue };
        match life {
            Life::Frozen => asleep = Some("is frozen"),
            Life::Cached => asleep = Some("is in the back/forward cache"),
            Life::Closed => asleep = Some("is closed"),
            Life::Crashed => asleep = Some("has crashed"),
            Life::Opened | Life::Reloaded | Life::Resumed | Life::Restored if index < left => {
                asleep = None;
            }
            _ => {}
        }
    }
    let fault = format!("tab {} {}", letter(tab), asleep?);
    Some(Stop { spot: Spot::Client, fault: Some(fault) })
}
