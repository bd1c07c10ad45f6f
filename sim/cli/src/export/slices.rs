//! What lasts, in a log: connections, sockets, leadership, faults, hosts that are down.
//!
//! Refuses nothing that is still open at the end of the log: it lasts up to there.

use std::time::Duration;

use holdline_sim::trace::conditions::{Fault, Host};
use holdline_sim::trace::event::{End, Event, Kind, Lane, Life};

/// Something with a beginning and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) lane: Lane,
    /// Which sort of thing: it names the rows it is drawn in.
    pub(super) sort: &'static str,
    pub(super) name: String,
    /// The events with which it begins and ends; `None` for what outlives the log.
    pub(super) began: usize,
    pub(super) ended: Option<usize>,
    /// The first row, of those of its sort, that is free while it lasts.
    pub(super) row: usize,
}

/// What tells one open slice from another.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    Conn(Lane, u32),
    Socket(u64),
    Leads(Lane),
    Fault(Fault),
    Down(Host),
}

/// Every slice of a log, in the order in which they begin.
pub(super) fn slices(events: &[Event]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    let mut open: Vec<(Key, usize)> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        for key in ended_by(event) {
            let over = open.iter().position(|(one, _)| *one == key).map(|at| open.remove(at).1);
            if let Some(slice) = over.and_then(|at| slices.get_mut(at)) {
                slice.ended = Some(index);
                slice.name += &how_it_ended(&event.kind);
            }
        }
        if let Some((key, sort, name)) = begun_by(event) {
            let busy = |row: &usize| {
                open.iter()
                    .map(|(_, at)| &slices[*at])
                    .any(|slice| (slice.lane, slice.sort, slice.row) == (event.lane, sort, *row))
            };
            let row = (0..open.len()).find(|row| !busy(row)).unwrap_or(open.len());
            open.push((key, slices.len()));
            slices.push(Slice { lane: event.lane, sort, name, began: index, ended: None, row });
        }
    }
    slices
}

fn begun_by(event: &Event) -> Option<(Key, &'static str, String)> {
    let lane = event.lane;
    match &event.kind {
        Kind::Connecting { conn } => {
            Some((Key::Conn(lane, *conn), "connections", format!("connection {conn}")))
        }
        Kind::SocketOpened { guest, socket } => {
            Some((Key::Socket(*socket), "sockets", format!("socket {socket} of guest {guest}")))
        }
        Kind::Leads { epoch, .. } => {
            Some((Key::Leads(lane), "leads", format!("leads with epoch {epoch}")))
        }
        Kind::Fault { what, on: true } => {
            Some((Key::Fault(what.clone()), "faults", what.text.clone()))
        }
        Kind::Host { host, up: false } => {
            Some((Key::Down(*host), "hosts", format!("{host} is down")))
        }
        _ => None,
    }
}

fn ended_by(event: &Event) -> Vec<Key> {
    let lane = event.lane;
    match &event.kind {
        Kind::ConnectFailed { conn, .. } | Kind::Ended { conn, .. } => vec![Key::Conn(lane, *conn)],
        Kind::SocketClosed { socket, .. } => vec![Key::Socket(*socket)],
        Kind::Leads { .. }
        | Kind::Follows { .. }
        | Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded } => {
            vec![Key::Leads(lane)]
        }
        Kind::Fault { what, on: false } => vec![Key::Fault(what.clone())],
        Kind::Host { host, up: true } => vec![Key::Down(*host)],
        _ => Vec::new(),
    }
}

fn how_it_ended(kind: &Kind) -> String {
    match kind {
        Kind::ConnectFailed { error, .. } => format!(": {error}"),
        Kind::Ended { end: End::Own, .. } => String::new(),
        Kind::Ended { end, .. } => format!(": {end}"),
        _ => String::new(),
    }
}

/// When something ends: with its event, or with the log.
pub(super) fn end_of(slice: &Slice, events: &[Event]) -> Duration {
    let last = events.len().saturating_sub(1);
    events.get(slice.ended.unwrap_or(last)).map_or(Duration::ZERO, |event| event.at)
}
