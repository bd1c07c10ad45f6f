//! What a story needs to know about the event it tells: whether what leaves arrives, how late, and
//! what lay in its way.

use std::collections::BTreeMap;
use std::time::Duration;

use super::faults::{Band, Stop, stop_of};
use holdline_sim::trace::event::Event;
use holdline_sim::trace::journeys::Journey;

/// What a sentence can be about.
pub(super) struct Passage<'a> {
    pub(super) events: &'a [Event],
    journeys: &'a BTreeMap<usize, Journey>,
    departures: BTreeMap<usize, &'a Journey>,
    bands: &'a [Band],
}

impl<'a> Passage<'a> {
    pub(super) fn new(
        events: &'a [Event],
        journeys: &'a BTreeMap<usize, Journey>,
        bands: &'a [Band],
    ) -> Self {
        let departures = journeys.values().filter_map(|journey| Some((journey.left?, journey)));
        Self { events, journeys, departures: departures.collect(), bands }
    }

    /// The tab that something travels to or from, where there are tabs.
    pub(super) fn tab(&self, departure: usize) -> Option<u8> {
        self.departures.get(&departure)?.tab
    }

    /// What is added to a departure that came to nothing.
    pub(super) fn lost(&self, index: usize) -> String {
        let Some(journey) = self.departures.get(&index) else { return String::new() };
        if journey.arrived.is_some() {
            return String::new();
        }
        match stop_of(journey, self.bands, self.events) {
            Some(Stop { fault: Some(fault), .. }) => format!(" It is lost on the way: {fault}."),
            _ => " It never arrives.".to_owned(),
        }
    }

    /// How long something that arrives was under way, and why so long.
    pub(super) fn after(&self, index: usize) -> String {
        let Some(journey) = self.journeys.get(&index).filter(|journey| journey.left.is_some())
        else {
            return String::new();
        };
        let took = span(journey.took(self.events).unwrap_or_default());
        match stop_of(journey, self.bands, self.events) {
            Some(Stop { fault: Some(fault), .. }) => {
                format!(" after {took}; in its way was: {fault}")
            }
            Some(_) => format!(" only after {took}"),
            None => format!(" {took} later"),
        }
    }
}

/// A stretch of time as one says it.
pub(super) fn span(time: Duration) -> String {
    match time.as_millis() {
        ms @ 0..1_000 => format!("{ms} ms"),
        ms @ 1_000..60_000 if ms % 1_000 < 100 => format!("{} s", ms / 1_000),
        ms @ 1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        ms => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}
