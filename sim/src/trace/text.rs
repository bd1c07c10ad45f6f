//! One event as text: for exports, for what a command tells of two runs, and for a shrunken plan's story.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::event::Event;

/// Makes a type stand in the log as its `Display`.
macro_rules! serialize_as_text {
    ($($name:ty),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}
pub(super) use serialize_as_text;

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
