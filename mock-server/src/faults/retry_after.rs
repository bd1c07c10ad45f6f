//! When a faulty answer says to come back, in every form that servers use.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::span;

/// When a faulty answer says to come back. In JSON nothing, `7`, `"date 2s"`, or any other text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RetryAfter {
    /// It does not say.
    #[default]
    Absent,
    /// In so many seconds.
    Seconds(u64),
    /// At the HTTP date that is this far from now, rounded up to whole seconds.
    Date(Duration),
    /// Exactly this text.
    Raw(String),
}

impl Serialize for RetryAfter {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent => to.serialize_none(),
            Self::Seconds(seconds) => to.serialize_u64(*seconds),
            Self::Date(ahead) => {
                to.collect_str(&format_args!("date {}", humantime::format_duration(*ahead)))
            }
            Self::Raw(text) => to.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for RetryAfter {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(from)? {
            Value::Null => Self::Absent,
            Value::Number(number) => {
                number.as_u64().map_or_else(|| Self::Raw(number.to_string()), Self::Seconds)
            }
            Value::String(text) => {
                let ahead = text.strip_prefix("date ").and_then(|ahead| span::parse(ahead).ok());
                ahead.map_or(Self::Raw(text), Self::Date)
            }
            other => Self::Raw(other.to_string()),
        })
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => Ok(()),
            Self::Seconds(seconds) => write!(f, " retry-after {seconds}"),
            Self::Date(from_now) => {
                write!(f, " retry-after a date in {} s", from_now.as_secs())
            }
            Self::Raw(text) => write!(f, " retry-after {text:?}"),
        }
    }
}
