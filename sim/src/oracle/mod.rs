//! The oracles: what a run is held to, one invariant per file.
//!
//! An oracle sees the event log and the [`Bounds`] of the run, never the client, the cloud or the
//! network, so that whoever is under test is judged by the same eyes. Each file opens with what it
//! holds and what it deliberately ignores; where a log leaves two readings, the kinder one is
//! taken, because a wrong accusation costs more than a late one.
//!
//! - `no_loss`, `no_duplicate`, `in_order`, `bounded`: what becomes of messages.
//! - `retry_after`, `backoff` (over `flow`): when requests go out. `named` reads `Retry-After`.
//! - `dead_peer`, `comes_back`: sockets that die, runs that heal.
//! - `one_socket`, `someone_listens`, `every_tab_sees`, `one_guest`, `fenced`: the tabs of a browser,
//!   who are silent about a log without tabs. `excuses` knows when somebody else is to blame,
//!   `guests` whose guest is whose.
//! - [`bounds`](Bounds): the numbers that a run is held to.

mod backoff;
mod bounded;
mod bounds;
mod comes_back;
mod dead_peer;
mod every_tab_sees;
mod excuses;
mod fenced;
mod flow;
pub(crate) mod guests;
mod in_order;
mod named;
mod no_duplicate;
mod no_loss;
mod one_guest;
mod one_socket;
mod retry_after;
mod someone_listens;

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use crate::trace::conditions::{BrowserChange, Effect, Host};
use crate::trace::event::letter;
use crate::trace::{Event, Kind, Lane, Life, Message};

pub use bounds::Bounds;
pub use comes_back::COMES_BACK;

/// One broken promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Id of the oracle that found it, such as `no-loss`.
    pub oracle: &'static str,
    /// Virtual time at which it shows, whole milliseconds.
    #[serde(serialize_with = "as_millis")]
    pub at: Duration,
    /// Index of the event that it shows at: the last one that had happened by then.
    pub event: usize,
    /// One sentence: who did what, when, and what was expected.
    pub text: String,
    /// The messages that it is about.
    #[serde(skip)]
    pub messages: Vec<Message>,
    /// The key of the plan's expectation that was not met, where it is about one: `delivered`.
    #[serde(skip)]
    pub expectation: Option<&'static str>,
}

impl Violation {
    /// What `oracle` finds.
    #[must_use]
    pub fn new(oracle: &'static str, at: Duration, event: usize, text: String) -> Self {
        Self { oracle, at, event, text, messages: Vec::new(), expectation: None }
    }

    fn about(mut self, messages: impl IntoIterator<Item = Message>) -> Self {
        self.messages.extend(messages);
        self
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} (event {}): {}", self.oracle, secs(self.at), self.event, self.text)
    }
}

/// One invariant.
#[derive(Debug)]
pub struct Oracle {
    /// Its short name, as violations carry it.
    pub id: &'static str,
    /// The invariant in one sentence.
    pub holds_when: &'static str,
    judge: fn(&[Event], &Bounds) -> Vec<Violation>,
}

impl Oracle {
    /// What this oracle alone finds in a log. Events are in order of time, as a log has them.
    #[must_use]
    pub fn judge(&self, events: &[Event], bounds: &Bounds) -> Vec<Violation> {
        (self.judge)(events, bounds)
    }

    /// A violation that one event shows.
    fn violation(&self, events: &[Event], event: usize, text: String) -> Violation {
        Violation::new(self.id, events[event].at, event, text)
    }

    /// A violation that the mere passing of time shows.
    fn violation_by(&self, events: &[Event], at: Duration, text: String) -> Violation {
        let event = events.partition_point(|event| event.at <= at).saturating_sub(1);
        Violation::new(self.id, at, event, text)
    }
}

static ALL: [Oracle; 13] = [
    no_loss::ORACLE,
    no_duplicate::ORACLE,
    in_order::ORACLE,
    retry_after::ORACLE,
    backoff::ORACLE,
    bounded::ORACLE,
    dead_peer::ORACLE,
    comes_back::ORACLE,
    one_socket::ORACLE,
    someone_listens::ORACLE,
    every_tab_sees::ORACLE,
    one_guest::ORACLE,
    fenced::ORACLE,
];

/// Every oracle, in the order in which they are explained.
#[must_use]
pub fn all() -> &'static [Oracle] {
    &ALL
}

/// What all oracles find in a log, in order of time.
#[must_use]
pub fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut found: Vec<Violation> =
        all().iter().flat_map(|oracle| oracle.judge(events, bounds)).collect();
    found.sort_by_key(|violation| (violation.at, violation.event));
    found
}

/// Whether everything that the tabs had stored is gone.
fn is_data_cleared(kind: &Kind) -> bool {
    matches!(kind, Kind::World { what: BrowserChange::SiteDataCleared })
}

/// Whether the store had no room for a write, or failed it for another reason of its own: what it
/// should have held is known to the tab alone.
fn is_not_kept(kind: &Kind) -> bool {
    matches!(kind, Kind::Wrote { epoch, stored, accepted: false } if epoch >= stored)
}

/// Whether the wall clock of the client's machine is put forward.
fn is_clock_put(kind: &Kind) -> bool {
    matches!(kind, Kind::Fault { what, on: true } if what.effect == Effect::PutClockForward)
}

/// Whether the client's host stopped, with everything in its memory.
fn is_crash(kind: &Kind) -> bool {
    matches!(kind, Kind::Host { host: Host::Client, up: false })
}

/// Whether a tab's page is gone with this, or out of reach with its connections.
fn ends_page(kind: &Kind) -> bool {
    use Life::{Cached, Closed, Crashed, Reloaded};
    matches!(kind, Kind::Life { life: Closed | Crashed | Reloaded | Cached })
}

/// Whether the client's host started again.
fn is_restart(kind: &Kind) -> bool {
    matches!(kind, Kind::Host { host: Host::Client, up: true })
}

/// Whether there is a browser in the log: without one, the oracles about its tabs have nothing to say.
fn has_tabs(events: &[Event]) -> bool {
    events.iter().any(|event| event.lane.tab().is_some())
}

/// The lanes on which a client lives, in order.
fn client_lanes(events: &[Event]) -> BTreeSet<Lane> {
    let mut lanes = BTreeSet::new();
    let mut last = None;
    for lane in events.iter().map(|event| event.lane).filter(|lane| lane.is_client()) {
        if last.replace(lane) != Some(lane) {
            lanes.insert(lane);
        }
    }
    lanes
}

/// When the log ends.
fn end_of(events: &[Event]) -> Duration {
    events.last().map_or(Duration::ZERO, |event| event.at)
}

/// A client for people: `the client`, `tab B`.
fn who(lane: Lane) -> String {
    lane.tab().map_or_else(|| "the client".to_owned(), |tab| format!("tab {}", letter(tab)))
}

/// A duration for people: `7 s`, `0.25 s`.
fn secs(duration: Duration) -> String {
    let millis = duration.as_millis();
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
}

fn as_millis<S: serde::Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(at.as_millis() as u64)
}
