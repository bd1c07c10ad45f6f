//! The log for other tools. Each export is a pure function of the log.
//!
//! - [`jsonl`]: an event a line, as it is.
//! - [`perfetto`](mod@perfetto): a trace for <https://ui.perfetto.dev>; `slices` are its bars.
//! - [`pcapng`](mod@pcapng): a packet capture for Wireshark; `wire` rebuilds what was on the wire.

pub mod pcapng;
pub mod perfetto;
mod slices;
mod wire;

use holdline_sim::trace::Event;
use holdline_sim::trace::text::json_line;

pub use pcapng::pcapng;
pub use perfetto::perfetto;

/// One JSON object per event and line.
#[must_use]
pub fn jsonl(events: &[Event]) -> String {
    events.iter().flat_map(|event| [json_line(event), "\n".to_owned()]).collect()
}
