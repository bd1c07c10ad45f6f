//! The log for other tools. Each export is a pure function of the log.
//!
//! - [`jsonl`]: an event a line, as it is.
//! - [`perfetto`](mod@perfetto): a trace for <https://ui.perfetto.dev>; `slices` are its bars.
//! - [`pcapng`](mod@pcapng): a packet capture for Wireshark; `wire` rebuilds what was on the wire.

pub mod pcapng;
pub mod perfetto;
mod slices;
mod wire;

use super::event::Event;

pub use pcapng::pcapng;
pub use perfetto::perfetto;

/// One event as one line of JSON.
#[must_use]
pub fn json_line(event: &Event) -> String {
    serde_json::to_string(event).expect("an event is plain data")
}

/// One JSON object per event and line.
#[must_use]
pub fn jsonl(events: &[Event]) -> String {
    events.iter().flat_map(|event| [json_line(event), "\n".to_owned()]).collect()
}
