//! What it takes to drive the pure core by hand: a clock that is a number, and a message.

use std::time::Duration;

use holdline_mock_server::Now;

pub(crate) const OAUTH: &str = "holdline-oauth";

pub(crate) fn at(millis: u64) -> Now {
    let mono = Duration::from_millis(millis);
    Now { mono, wall: Duration::from_secs(1_700_000_000) + mono }
}

pub(crate) fn message(id: &str) -> Vec<u8> {
    format!(r#"{{"type":"message","content":"text of {id}","messageId":"{id}"}}"#).into_bytes()
}
