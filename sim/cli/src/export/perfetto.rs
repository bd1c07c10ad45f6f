//! A trace in the JSON that <https://ui.perfetto.dev> and `chrome://tracing` open.
//!
//! A process per lane: a track of its events, and a track for each thing that lasts. What is about
//! a message is a short slice, because arrows start and end at slices only; the arrows of one
//! message lead through everything that became of it. Events of one millisecond share it evenly, in
//! their order: the log knows no finer time.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::slices::{Slice, end_of, slices};
use holdline_sim::trace::Message;
use holdline_sim::trace::event::{Event, Lane, letter};

/// A millisecond in the trace's unit.
const MILLI: u64 = 1_000;
/// The track of a lane's events; those of its slices come after it.
const EVENTS: u64 = 0;

/// The whole log; `title` names the trace.
#[must_use]
pub fn perfetto(title: &str, events: &[Event]) -> String {
    let times = times_of(events);
    let slices = slices(events);
    let tracks = Tracks::of(events, &slices);
    let mut trace = tracks.names();
    trace.extend(slices.iter().map(|slice| bar(slice, events, &times, &tracks)));
    for (index, event) in events.iter().enumerate() {
        trace.push(mark(index, event, times[index]));
    }
    trace.extend(arrows(events, &times));
    let trace = json!({
        "traceEvents": trace,
        "displayTimeUnit": "ms",
        "otherData": { "title": title },
    });
    trace.to_string() + "\n"
}

/// The moment of each event and its share of its millisecond.
fn times_of(events: &[Event]) -> Vec<(u64, u64)> {
    let mut times = Vec::with_capacity(events.len());
    for together in events.chunk_by(|one, other| one.at == other.at) {
        let start = together[0].at.as_millis() as u64 * MILLI;
        let share = (MILLI / together.len() as u64).max(1);
        times.extend((0..together.len() as u64).map(|n| (start + n * share, share)));
    }
    times
}

fn process(lane: Lane) -> u64 {
    match lane {
        Lane::Net => 1,
        Lane::Client => 2,
        Lane::Tab(tab) => 10 + u64::from(tab),
        Lane::Proxy => 40,
        Lane::Cloud => 50,
    }
}

/// The tracks of every lane: its events first, then a track for each row of slices.
struct Tracks {
    lanes: BTreeSet<Lane>,
    rows: BTreeMap<(Lane, &'static str, usize), u64>,
}

impl Tracks {
    fn of(events: &[Event], slices: &[Slice]) -> Self {
        let mut rows: BTreeMap<_, u64> =
            slices.iter().map(|slice| ((slice.lane, slice.sort, slice.row), 0)).collect();
        for (track, number) in rows.values_mut().zip(EVENTS + 1..) {
            *track = number;
        }
        Self { lanes: events.iter().map(|event| event.lane).collect(), rows }
    }

    fn names(&self) -> Vec<Value> {
        let meta = |name: &str, lane: Lane, track: u64, args: Value| json!({"ph": "M", "name": name, "pid": process(lane), "tid": track, "args": args});
        let mut names = Vec::new();
        for lane in &self.lanes {
            let name = match lane {
                Lane::Tab(tab) => format!("tab {}", letter(*tab)),
                lane => lane.to_string(),
            };
            names.push(meta("process_name", *lane, EVENTS, json!({ "name": name })));
            let order = json!({ "sort_index": process(*lane) });
            names.push(meta("process_sort_index", *lane, EVENTS, order));
            names.push(meta("thread_name", *lane, EVENTS, json!({ "name": "events" })));
        }
        for ((lane, sort, _), track) in &self.rows {
            names.push(meta("thread_name", *lane, *track, json!({ "name": sort })));
            names.push(meta("thread_sort_index", *lane, *track, json!({ "sort_index": track })));
        }
        names
    }
}

/// Something that lasts.
fn bar(slice: &Slice, events: &[Event], times: &[(u64, u64)], tracks: &Tracks) -> Value {
    let (from, _) = times[slice.began];
    let to = slice.ended.map_or_else(
        || end_of(slice, events).as_millis() as u64 * MILLI + MILLI,
        |ended| times[ended].0,
    );
    let track = tracks.rows[&(slice.lane, slice.sort, slice.row)];
    json!({
        "ph": "X", "cat": slice.sort, "name": slice.name, "ts": from, "dur": to - from,
        "pid": process(slice.lane), "tid": track, "args": { "first event": slice.began },
    })
}

/// One event: a short slice where it is about a message, an instant where it is not.
fn mark(index: usize, event: &Event, (ts, dur): (u64, u64)) -> Value {
    let mut args = serde_json::to_value(&event.kind).expect("an event is plain data");
    args["index"] = index.into();
    let kind = event.kind.name();
    let (pid, tid) = (process(event.lane), EVENTS);
    match event.kind.message() {
        Some(message) => json!({
            "ph": "X", "cat": "message", "name": format!("{kind} {message}"), "ts": ts,
            "dur": dur, "pid": pid, "tid": tid, "args": args,
        }),
        None => json!({
            "ph": "i", "s": "t", "cat": "event", "name": kind, "ts": ts, "pid": pid, "tid": tid,
            "args": args,
        }),
    }
}

/// From each thing that became of a message to the next.
fn arrows(events: &[Event], times: &[(u64, u64)]) -> Vec<Value> {
    let mut lives: BTreeMap<Message, Vec<usize>> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if let Some(message) = event.kind.message() {
            lives.entry(message).or_default().push(index);
        }
    }
    let mut arrows = Vec::new();
    for (id, (message, life)) in lives.iter().enumerate() {
        for (n, index) in life.iter().enumerate() {
            let phase = match n {
                _ if life.len() == 1 => continue,
                0 => "s",
                n if n + 1 == life.len() => "f",
                _ => "t",
            };
            let (pid, ts) = (process(events[*index].lane), times[*index].0);
            arrows.push(json!({
                "ph": phase, "bp": "e", "id": id + 1, "cat": "message", "name": message, "ts": ts,
                "pid": pid, "tid": EVENTS,
            }));
        }
    }
    arrows
}
