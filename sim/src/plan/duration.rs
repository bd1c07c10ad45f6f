//! Durations as people write them: `250ms`, `5s`, `2m`, `24h`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// For `#[serde(deserialize_with = "plain")]`.
pub(super) fn plain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    let duration = humantime::parse_duration(&text).map_err(|error| {
        de::Error::custom(format!(
            "`{text}` is not a duration ({error}); write it like 250ms, 5s, 2m or 24h"
        ))
    })?;
    if duration.subsec_nanos() % 1_000_000 != 0 {
        return Err(de::Error::custom(format!(
            "`{text}` is finer than the clock: 1ms is the least"
        )));
    }
    Ok(duration)
}

/// The same for an `Option`.
pub(super) fn optional<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    plain(deserializer).map(Some)
}
