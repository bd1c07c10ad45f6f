//! When a faulty answer says to come back, in every form that servers use.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{FieldValue, span};

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

impl FieldValue for RetryAfter {
    const FORM: &str = "header: seconds, `date 2s` for a date so far ahead, or any other text";

    fn read(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => Self::Absent,
            Value::Number(number) => {
                number.as_u64().map_or_else(|| Self::Raw(number.to_string()), Self::Seconds)
            }
            Value::String(text) => {
                let ahead = text.strip_prefix("date ").and_then(|ahead| span::parse(ahead).ok());
                ahead.map_or_else(|| Self::Raw(text.clone()), Self::Date)
            }
            other => Self::Raw(other.to_string()),
        })
    }

    fn write(&self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Seconds(seconds) => (*seconds).into(),
            Self::Date(ahead) => format!("date {}", humantime::format_duration(*ahead)).into(),
            Self::Raw(text) => text.as_str().into(),
        }
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
