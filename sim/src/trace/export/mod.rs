//! The log for other tools. Each export is a pure function of the log.
//!
//! - [`jsonl`]: an event a line, as it is.
//! - [`perfetto`](mod@perfetto): a trace for <https://ui.perfetto.dev>; `slices` are its bars.
//! - [`pcapng`](mod@pcapng): a packet capture for Wireshark; `wire` rebuilds what was on the wire.

pub mod pcapng;
pub mod perfetto;
mod slices;
mod wire;

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::event::Event;

pub use pcapng::pcapng;
pub use perfetto::perfetto;

/// One event as one line of JSON.
#[must_use]
pub fn json_line(event: &Event) -> String {
    serde_json::to_string(event).expect("an event is plain data")
}

/// What an event says beside its moment, its lane and its kind: ` conn=1 end=rst`.
#[must_use]
pub fn details(event: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (key, value) in event {
        let _ = match (key.as_str(), value) {
            ("at" | "lane" | "event", _) => Ok(()),
            (key, Value::String(value)) => write!(text, " {key}={value}"),
            (key, value) => write!(text, " {key}={value}"),
        };
    }
    text
}

/// One JSON object per event and line.
#[must_use]
pub fn jsonl(events: &[Event]) -> String {
    events.iter().flat_map(|event| [json_line(event), "\n".to_owned()]).collect()
}
