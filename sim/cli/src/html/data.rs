//! What the page is told: the log, and what was made of it, each text once.

use std::collections::BTreeMap;

use serde::Serialize;

use super::faults::{Band, Spot, Stop, bands, stop_of};
use super::folded_rows::{Fold, folds};
use super::labels::words;
use super::lanes::{LaneName, Lanes};
use super::machines::{Change, changes};
use super::story::{Story, stories};
use holdline_sim::oracle::Violation;
use holdline_sim::plan::Plan;
use holdline_sim::trace::browser::Browser;
use holdline_sim::trace::event::{Event, Kind, Lane};
use holdline_sim::trace::journeys::{Journey, Way, journeys};
use holdline_sim::trace::notes::Sockets;
use holdline_sim::trace::tab_lanes::glyphs;
use holdline_sim::world::run::Run;

/// Everything that the page knows.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    name: &'a str,
    title: &'a str,
    story: &'a str,
    seed: u64,
    hash: String,
    virtual_ms: u64,
    delivered: usize,
    typed: usize,
    /// From left to right.
    lanes: Vec<LaneName>,
    /// Every text that others refer to by its number.
    texts: Vec<String>,
    events: Vec<Told>,
    arrows: Vec<Arrow>,
    bands: Vec<Band>,
    folds: Vec<Fold>,
    /// `[event, lane, look]` where the look of a tab changes.
    looks: Vec<(usize, usize, String)>,
    /// `[event, machine, line, value]` where a machine changes.
    changes: Vec<(usize, usize, usize, usize)>,
    stories: Vec<Story>,
    violations: Vec<Accusation<'a>>,
}

/// An event: milliseconds, its lane unless it is everywhere, its group, its text, its message's name.
type Told = (u64, Option<usize>, u8, usize, Option<usize>);

/// A journey, as it is drawn.
#[derive(Debug, Serialize)]
struct Arrow {
    text: usize,
    /// The client's end.
    lane: usize,
    /// Towards the cloud.
    up: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arrived: Option<usize>,
    /// Where it was lost or held, and by what.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<(Spot, Option<usize>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Accusation<'a> {
    oracle: &'a str,
    event: usize,
    at: u64,
    text: &'a str,
}

/// Numbers for texts, each text once.
#[derive(Default)]
struct Texts {
    known: BTreeMap<String, usize>,
    list: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        self.list.push(text.to_owned());
        self.known.insert(text.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }

    fn maybe(&mut self, text: Option<&str>) -> Option<usize> {
        text.map(|text| self.number(text))
    }

    fn message(&mut self, kind: &Kind) -> Option<usize> {
        kind.message().map(|message| self.number(&message.to_string()))
    }
}

/// See [`Data`].
pub(super) fn data<'a>(name: &'a str, plan: &'a Plan, run: &'a Run) -> Data<'a> {
    let log = &run.events;
    let (delivered, typed) = run.messages();
    let lanes = Lanes::of(log);
    let journeys = journeys(log);
    let bands = bands(log);
    let mut texts = Texts::default();
    let events = events(log, &lanes, &mut texts);
    let number = |journey| arrow(journey, log, &lanes, &bands, &mut texts);
    let arrows = journeys.values().map(number).collect();
    let told = |change: Change| {
        let (line, value) = (texts.number(change.line), texts.number(&change.value));
        (change.event, change.machine, line, value)
    };
    let changes = changes(log, &lanes).into_iter().map(told).collect();
    Data {
        name,
        title: &plan.title,
        story: plan.story.trim(),
        seed: plan.seed,
        hash: run.hash.to_string(),
        virtual_ms: run.virtual_time.as_millis() as u64,
        delivered,
        typed,
        lanes: lanes.names(),
        texts: texts.list,
        events,
        arrows,
        folds: folds(log, &journeys),
        looks: looks(log),
        changes,
        stories: stories(log, &journeys, &bands, &run.violations),
        violations: run.violations.iter().map(accusation).collect(),
        bands,
    }
}

fn events(log: &[Event], lanes: &Lanes, texts: &mut Texts) -> Vec<Told> {
    let mut sockets = Sockets::default();
    log.iter()
        .map(|event| {
            sockets.on(event);
            let (text, group) = words(event, &sockets);
            let lane = lanes.place(event.lane);
            let message = texts.message(&event.kind);
            (event.at.as_millis() as u64, lane, group as u8, texts.number(&text), message)
        })
        .collect()
}

fn arrow(
    journey: &Journey,
    log: &[Event],
    lanes: &Lanes,
    bands: &[Band],
    texts: &mut Texts,
) -> Arrow {
    let client = journey.tab.map_or(Lane::Client, Lane::Tab);
    let told = journey.arrived.or(journey.left).expect("a journey has at least one end");
    let stop = stop_of(journey, bands, log);
    Arrow {
        text: texts.number(&journey.label),
        // Whose an answer is that no tab ever saw, nobody knows: it points at the last of them.
        lane: lanes.place(client).unwrap_or(lanes.last_client()),
        up: journey.way == Way::ToCloud,
        left: journey.left,
        arrived: journey.arrived,
        stop: stop.map(|Stop { spot, fault }| (spot, texts.maybe(fault.as_deref()))),
        message: texts.message(&log[told].kind),
    }
}

/// How the lanes of tabs look, in the signs of the diagram, wherever that changes.
fn looks(log: &[Event]) -> Vec<(usize, usize, String)> {
    let mut browser = Browser::default();
    let mut known: Vec<String> = Vec::new();
    let mut looks = Vec::new();
    for (index, event) in log.iter().enumerate() {
        browser.on(event);
        if event.lane.tab().is_none() && event.lane != Lane::Net {
            continue;
        }
        let now = glyphs(&browser);
        known.resize(now.len(), String::new());
        for (lane, look) in now.iter().enumerate().filter(|(lane, look)| known[*lane] != **look) {
            looks.push((index, lane, look.clone()));
        }
        known = now;
    }
    looks
}

fn accusation(violation: &Violation) -> Accusation<'_> {
    Accusation {
        oracle: violation.oracle,
        event: violation.event,
        at: violation.at.as_millis() as u64,
        text: &violation.text,
    }
}
