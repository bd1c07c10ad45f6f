//! Durations as people write them: `250ms`, `5s`, `2m`, `24h`.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

/// For `#[serde(deserialize_with = "plain")]`.
pub fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Plain)
}

/// The same where it may be as short as a microsecond: inside one machine.
pub fn fine<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(Fine)
}

/// For `#[serde(serialize_with = "text")]`: in one unit, the largest in which it is whole.
pub fn text<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&in_one_unit(*duration))
}

/// For `#[serde(with = "optional")]`: both ways for an `Option`.
pub mod optional {
    use super::{Deserializer, Duration, Serializer, in_one_unit, plain};
    use serde::Serialize as _;

    /// Reads a duration that is there.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        plain(deserializer).map(Some)
    }

    /// Writes one that is there; skip the field where it is not.
    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.map(in_one_unit).serialize(serializer)
    }
}

/// For `#[serde(skip_serializing_if = "is_none_at_all")]`.
#[must_use]
pub fn is_none_at_all(duration: &Duration) -> bool {
    duration.is_zero()
}

fn in_one_unit(duration: Duration) -> String {
    let micros = duration.as_micros();
    let units = [(3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s"), (1_000, "ms")];
    let whole = units.into_iter().find(|(unit, _)| micros > 0 && micros.is_multiple_of(*unit));
    match whole {
        Some((unit, name)) => format!("{}{name}", micros / unit),
        None if micros == 0 => "0s".to_owned(),
        None => format!("{micros}us"),
    }
}

fn parse_fine(text: &str) -> Result<Duration, String> {
    let duration = parse_any(text)?;
    if duration.subsec_nanos() % 1_000 != 0 {
        return Err(format!("`{text}` is finer than anything here: 1us is the least"));
    }
    Ok(duration)
}

/// The duration in a text, in whole milliseconds; the error is a sentence.
pub fn parse(text: &str) -> Result<Duration, String> {
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
#[must_use]
pub fn written(duration: Duration) -> impl fmt::Display {
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
