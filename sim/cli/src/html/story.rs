//! What became of each message, told in words from typed to shown.
//!
//! One sentence per event that names the message. What a log does not print, such as which answer to
//! `history` brought a message along, is not guessed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::faults::Band;
use super::passage::{Passage, span};
use holdline_sim::oracle::Violation;
use holdline_sim::trace::Message;
use holdline_sim::trace::event::{Event, Frame, Kind, Lane, letter};
use holdline_sim::trace::journeys::Journey;

/// The story of one message.
#[derive(Debug, Serialize)]
pub(super) struct Story {
    message: Message,
    /// How it ended, in a sentence or two.
    summary: String,
    /// Whether it ended as it should.
    well: bool,
    /// What happened, and the event that shows it.
    told: Vec<(usize, String)>,
}

/// The stories of all messages, in order of their first event.
pub(super) fn stories(
    events: &[Event],
    journeys: &BTreeMap<usize, Journey>,
    bands: &[Band],
    violations: &[Violation],
) -> Vec<Story> {
    let reader = Passage::new(events, journeys, bands);
    let mut known: BTreeMap<Message, usize> = BTreeMap::new();
    let mut tellers: Vec<Teller> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        let Some(message) = event.kind.message() else { continue };
        let place = *known.entry(message).or_insert_with(|| {
            tellers.push(Teller::new(message, event.at));
            tellers.len() - 1
        });
        tellers[place].on(index, &reader);
    }
    for violation in violations {
        for message in &violation.messages {
            if let Some(place) = known.get(message) {
                tellers[*place].accused(violation);
            }
        }
    }
    tellers.into_iter().map(Teller::end).collect()
}

/// Tells one message's story while it happens.
struct Teller {
    message: Message,
    began: Duration,
    sent: usize,
    lost: usize,
    stored: bool,
    shown: Vec<String>,
    outcome: Option<(bool, String)>,
    /// Whether the agent wrote it.
    is_agents: bool,
    accused: bool,
    told: Vec<(usize, String)>,
}

impl Teller {
    fn new(message: Message, began: Duration) -> Self {
        Self {
            message,
            began,
            sent: 0,
            lost: 0,
            stored: false,
            shown: Vec::new(),
            outcome: None,
            is_agents: matches!(message, Message::Said(_)),
            accused: false,
            told: Vec::new(),
        }
    }

    fn on(&mut self, index: usize, reader: &Passage<'_>) {
        let event = &reader.events[index];
        let who = name_of(event.lane);
        let since = span(event.at.saturating_sub(self.began));
        let sentence = match &event.kind {
            Kind::Typed { bytes, .. } => format!("The user types it in {who}, {bytes} bytes."),
            Kind::Accepted { .. } => format!("{} has stored it and accepts it.", upper(&who)),
            Kind::Said { .. } => "The agent writes it.".to_owned(),
            Kind::Stored { guest, .. } => {
                self.stored = true;
                format!("The cloud stores it in the conversation of guest {guest}.")
            }
            Kind::Duplicate { .. } => {
                "The cloud has it already and does not store it again.".to_owned()
            }
            Kind::Refused { code, .. } => format!("The cloud refuses it: {code}."),
            Kind::Delivered { .. } => {
                self.outcome = Some((true, format!("Delivered {since} after it was typed.")));
                format!("{} reports it delivered, {since} after it was typed.", upper(&who))
            }
            Kind::Failed { reason, .. } => {
                self.outcome =
                    Some((false, format!("Failed {since} after it was typed: {reason}.")));
                format!("{} reports it failed: {reason}.", upper(&who))
            }
            Kind::Shown { .. } => {
                self.shown.push(who.clone());
                self.outcome
                    .get_or_insert((true, format!("First shown {since} after it was written")));
                format!("{} shows it, {since} after it was written.", upper(&who))
            }
            _ => self.travels(index, &who, reader),
        };
        self.told.push((index, sentence));
    }

    /// A part of a journey, there or back.
    fn travels(&mut self, index: usize, who: &str, reader: &Passage<'_>) -> String {
        let event = &reader.events[index];
        let (name, at_client) = (upper(who), event.lane.is_client());
        let (lost, after) = (reader.lost(index), reader.after(index));
        let client = || {
            let tab = reader.tab(index);
            tab.map_or_else(|| "the client".to_owned(), |tab| name_of(Lane::Tab(tab)))
        };
        match &event.kind {
            Kind::Request { .. } if at_client => self.leaves(&name, "by POST", &lost),
            Kind::FrameOut { frame: Frame::Message(_), .. } => {
                self.leaves(&name, "over its socket", &lost)
            }
            Kind::Request { .. } | Kind::FrameIn { frame: Frame::Message(_), .. } => {
                format!("It reaches the cloud{after}.")
            }
            Kind::Answer { status, retry_after, .. } if !at_client => {
                let wait = retry_after.as_ref().map(|wait| format!(" and asks to wait {wait}"));
                format!("The cloud answers {status}{}.{lost}", wait.unwrap_or_default())
            }
            Kind::Answer { status, .. } => {
                format!("The answer {status} reaches {who}{after}.")
            }
            Kind::FrameOut { frame: Frame::Agent(_), .. } => {
                self.sent += 1;
                self.lost += usize::from(!lost.is_empty());
                format!("The cloud sends it to {}.{lost}", client())
            }
            Kind::FrameOut { frame: Frame::Ack(_), .. } => {
                format!("The cloud acknowledges it.{lost}")
            }
            Kind::FrameOut { frame, .. } => format!("{name} sends {frame}.{lost}"),
            Kind::FrameIn { frame: Frame::Agent(_), .. } => {
                format!("It reaches {who}{after}.")
            }
            Kind::FrameIn { frame: Frame::Ack(_), .. } => {
                format!("The acknowledgement reaches {who}{after}.")
            }
            Kind::FrameIn { frame, .. } => format!("{name} receives {frame}{after}."),
            _ => format!("{name} has to do with it."),
        }
    }

    fn leaves(&mut self, who: &str, road: &str, lost: &str) -> String {
        self.sent += 1;
        self.lost += usize::from(!lost.is_empty());
        let again = if self.sent > 1 { " again" } else { "" };
        format!("{who} sends it{again} {road}.{lost}")
    }

    fn accused(&mut self, violation: &Violation) {
        self.accused = true;
        self.told
            .push((violation.event, format!("Violates {}: {}", violation.oracle, violation.text)));
    }

    fn end(mut self) -> Story {
        self.told.sort_by_key(|(event, _)| *event);
        // What the cloud has is not lost, even if whoever waited for the receipt is gone.
        let well = !self.accused && self.outcome.as_ref().map_or(self.stored, |(well, _)| *well);
        let mut summary = match (self.outcome, self.is_agents) {
            (Some((_, text)), true) => format!("{text}, in {}.", listed(&self.shown)),
            (Some((_, text)), false) => text,
            (None, true) => "Never shown.".to_owned(),
            (None, false) if self.stored => {
                "The cloud has it; nobody was told how it ended.".to_owned()
            }
            (None, false) => "Nobody was told how it ended.".to_owned(),
        };
        if self.sent > 1 {
            let _ = write!(summary, " Sent {} times.", self.sent);
        }
        if self.lost > 0 {
            let _ = write!(summary, " Lost on the way: {}.", self.lost);
        }
        Story { message: self.message, summary, well, told: self.told }
    }
}

fn name_of(lane: Lane) -> String {
    match lane {
        Lane::Tab(tab) => format!("tab {}", letter(tab)),
        other => format!("the {other}"),
    }
}

fn upper(who: &str) -> String {
    let mut chars = who.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
