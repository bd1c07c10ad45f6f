//! Durations as people write them: `250ms`, `5s`, `2m`, `24h`.

use std::fmt;
use std::time::Duration;

use serde::Deserializer;
use serde::de::{self, Visitor};

/// For `#[serde(deserialize_with = "plain")]`.
pub(super) fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Plain)
}

/// The same for an `Option`.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    plain(deserializer).map(Some)
}

/// The same where it may be as short as a microsecond: inside one machine.
pub(super) fn fine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Fine)
}

fn parse_fine(text: &str) -> Result<Duration, String> {
    let duration = parse_any(text)?;
    if duration.subsec_nanos() % 1_000 != 0 {
        return Err(format!("`{text}` is finer than anything here: 1us is the least"));
    }
    Ok(duration)
}

/// The duration in a text, in whole milliseconds; the error is a sentence.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let duration = parse_any(text)?;
    if duration.subsec_nanos() % 1_000_000 != 0 {
        return Err(format!("`{text}` is finer than the clock: 1ms is the least"));
    }
    Ok(duration)
}

fn parse_any(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("`{text}` is not a duration; write it like 250ms, 5s, 2m or 1h 30m"))
}

/// The same text again, as a plan would have it.
pub(super) fn written(duration: Duration) -> impl fmt::Display {
    humantime::format_duration(duration)
}

struct Plain;

impl Visitor<'_> for Plain {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes, like \"250ms\", \"5s\", \"2m\" or \"24h\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }
}

struct Fine;

impl Visitor<'_> for Fine {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration in quotes, like \"200us\", \"1ms\" or \"5s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse_fine(text).map_err(E::custom)
    }
}
