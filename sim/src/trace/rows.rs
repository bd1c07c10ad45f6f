//! Events become rows: what leaves one end and arrives at the other is one arrow, what left and
//! never arrived is an arrow that breaks off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::event::{End, Event, Kind, Lane};

/// From this on, a journey is long enough to be told: something was repeated, held or waited for.
const SLOW: Duration = Duration::from_millis(300);

/// Which way an arrow points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    ToCloud,
    ToClient,
}

/// One line of the diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) at: Duration,
    /// The event that it shows.
    pub(super) index: usize,
    pub(super) body: Body,
    /// What the client says beside it.
    pub(super) client: String,
    /// What the cloud says beside it.
    pub(super) cloud: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    Lanes,
    Arrow { way: Way, label: String, lost: bool },
    Proxy(String),
    Banner(String),
    Folded(String),
}

impl Row {
    fn new(at: Duration, index: usize, body: Body) -> Self {
        Self { at, index, body, client: String::new(), cloud: String::new() }
    }

    /// What makes two rows the same thing happening again: everything but numbers.
    pub(super) fn signature(&self) -> String {
        let text = format!("{:?} {} {}", self.body, self.client, self.cloud);
        let mut signature = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '0'..='9' | '.' if signature.ends_with('#') => {}
                '0'..='9' => signature.push('#'),
                c => signature.push(c),
            }
        }
        signature
    }
}

/// The rows of a whole log, in order of time.
pub(super) fn rows_of(events: &[Event]) -> Vec<Row> {
    let journeys = pair(events);
    let mut sockets = Sockets::default();
    let mut rows: Vec<Row> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        sockets.on(event);
        if let Some((way, leaving, label)) = transit(event) {
            match journeys.get(&index) {
                Some(Journey::Lost) => {
                    let body = Body::Arrow { way, label, lost: true };
                    rows.push(Row::new(event.at, index, body));
                }
                Some(Journey::Arrived(took)) if !leaving => {
                    let label = if *took >= SLOW {
                        format!("{label} ({:.1} s)", took.as_secs_f64())
                    } else {
                        label
                    };
                    let body = Body::Arrow { way, label, lost: false };
                    rows.push(Row::new(event.at, index, body));
                }
                _ => {}
            }
            continue;
        }
        if let Some(note) = note_of(event, &sockets) {
            add_note(&mut rows, event, index, note);
        }
    }
    rows
}

enum Journey {
    /// Known at the arrival: how long it took.
    Arrived(Duration),
    /// Known at the departure: it never arrived.
    Lost,
}

/// Pairs each arrival with the last departure of the same thing that is still under way.
fn pair(events: &[Event]) -> BTreeMap<usize, Journey> {
    let mut under_way: BTreeMap<(Way, String), Vec<usize>> = BTreeMap::new();
    let mut journeys = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let Some((way, leaving, label)) = transit(event) else { continue };
        let waiting = under_way.entry((way, label)).or_default();
        if leaving {
            waiting.push(index);
        } else if let Some(left) = waiting.pop() {
            journeys.insert(index, Journey::Arrived(event.at.saturating_sub(events[left].at)));
        } else {
            journeys.insert(index, Journey::Arrived(Duration::ZERO));
        }
    }
    journeys.extend(under_way.into_values().flatten().map(|index| (index, Journey::Lost)));
    journeys
}

/// What travels: which way, whether it leaves here, and what to call it.
fn transit(event: &Event) -> Option<(Way, bool, String)> {
    let at_client = event.lane == Lane::Client;
    let (way, leaving, label) = match &event.kind {
        Kind::Request { endpoint, message, .. } => {
            let message = message.as_ref().map(|m| format!(" {m}")).unwrap_or_default();
            (Way::ToCloud, at_client, format!("{endpoint}{message}"))
        }
        Kind::Answer { endpoint, status, retry_after, message, .. } => {
            let what = message.clone().unwrap_or_else(|| endpoint.to_string());
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

/// Streams whose end is worth a line: sockets, and requests that were still unanswered.
#[derive(Default)]
struct Sockets {
    notable: BTreeSet<(Lane, u32)>,
}

impl Sockets {
    fn on(&mut self, event: &Event) {
        match &event.kind {
            Kind::Request { conn, .. } => {
                self.notable.insert((event.lane, *conn));
            }
            Kind::Answer { conn, status, .. } if *status != 101 => {
                self.notable.remove(&(event.lane, *conn));
            }
            _ => {}
        }
    }

    fn is_notable(&self, lane: Lane, conn: u32) -> bool {
        self.notable.contains(&(lane, conn))
    }
}

enum Note {
    Said(String),
    Proxy(String),
    Banner(String),
}

fn note_of(event: &Event, sockets: &Sockets) -> Option<Note> {
    let said = |text: String| Some(Note::Said(text));
    match &event.kind {
        Kind::ConnectFailed { error, .. } => said(format!("connect: {error}")),
        Kind::Ended { conn, end } if sockets.is_notable(event.lane, *conn) => match end {
            End::Own if event.lane == Lane::Cloud => None,
            end => said(end.to_string()),
        },
        Kind::Typed { message, .. } => said(format!("types {message}")),
        Kind::Delivered { message } => said(format!("{message} delivered")),
        Kind::Failed { message, reason } => said(format!("{message} FAILED: {reason}")),
        Kind::Shown { message } => said(format!("shows {message}")),
        Kind::State { state } => said(format!("[{state}]")),
        Kind::Notice { text } => said(format!("({text})")),
        Kind::Asked { what } => said(format!("asks: {what}")),
        Kind::ShutDown => said("is shut down".into()),
        Kind::Stored { message, guest, .. } if *guest > 1 => {
            said(format!("stores {message} (guest {guest})"))
        }
        Kind::Stored { message, .. } => said(format!("stores {message}")),
        Kind::Duplicate { message, .. } => said(format!("has {message} already")),
        Kind::Refused { code, .. } => said(format!("refuses: {code}")),
        Kind::Said { message, .. } => said(format!("agent says {message}")),
        Kind::GuestCreated { guest } => said(format!("new guest {guest}")),
        Kind::TokenRefreshed { .. } => said("new token".into()),
        Kind::GuestGone { .. } => said("guest gone".into()),
        Kind::Fired { fault } => said(format!("! {fault}")),
        Kind::Cut { how } => Some(Note::Proxy(format!("* cut: {how}"))),
        Kind::Fault { what, on: true } => Some(Note::Banner(what.clone())),
        Kind::Fault { what, on: false } => Some(Note::Banner(format!("end of {what}"))),
        Kind::Host { host, up: true } => Some(Note::Banner(format!("{host} is up again"))),
        Kind::Host { host, up: false } => Some(Note::Banner(format!("{host} crashes"))),
        Kind::Healed => Some(Note::Banner("all faults healed".into())),
        Kind::Quiet => Some(Note::Banner("all delivered and quiet".into())),
        _ => None,
    }
}

/// A note goes beside the row before it where that belongs to the same moment and has room.
fn add_note(rows: &mut Vec<Row>, event: &Event, index: usize, note: Note) {
    let text = match note {
        Note::Proxy(text) => return rows.push(Row::new(event.at, index, Body::Proxy(text))),
        Note::Banner(text) => return rows.push(Row::new(event.at, index, Body::Banner(text))),
        Note::Said(text) => text,
    };
    let fits = |row: &&mut Row| {
        let arrives_here = match &row.body {
            Body::Arrow { way: Way::ToCloud, lost: false, .. } => event.lane == Lane::Cloud,
            Body::Arrow { way: Way::ToClient, lost: false, .. } => event.lane == Lane::Client,
            _ => false,
        };
        row.at == event.at && arrives_here
    };
    let side = |row: &mut Row| match event.lane {
        Lane::Client => std::mem::replace(&mut row.client, text.clone()),
        _ => std::mem::replace(&mut row.cloud, text.clone()),
    };
    if let Some(row) = rows.last_mut().filter(fits) {
        let taken = if event.lane == Lane::Client { &row.client } else { &row.cloud };
        if taken.is_empty() {
            side(row);
            return;
        }
    }
    let mut row = Row::new(event.at, index, Body::Lanes);
    side(&mut row);
    rows.push(row);
}
