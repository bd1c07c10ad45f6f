//! Faults of the cloud: what it answers, swallows, says late, and how it ends sockets.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use holdline_net::duration::{optional, plain, text};

/// A restart of the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Restart {
    /// When it goes.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it is away.
    #[serde(rename = "for", deserialize_with = "plain", serialize_with = "text")]
    pub lasts: Duration,
    /// Close code of every socket before it goes; 1006 drops them without a close frame.
    pub code: u16,
}

/// The door a cloud fault stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Creating a guest.
    Guests,
    /// Refreshing a token.
    Refresh,
    /// The WebSocket handshake.
    Socket,
    /// Messages, on either road.
    Messages,
    /// Fetching what was missed.
    History,
    /// Any of them.
    Any,
}

/// A status instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answer {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How long it stays armed.
    #[serde(default, rename = "for", with = "optional", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Duration>,
    /// Where.
    pub on: Door,
    /// 400 to 599.
    pub status: u16,
    /// `Retry-After`: whole seconds (`7`), a date so far ahead (`date 30s`), or any text. Absent
    /// means no header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// The first that is hit, counted from 1 since it was armed. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// A fault of some messages (or handshakes).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OnMessage {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// The first that is hit, counted from 1 since it was armed. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub count: u64,
}

/// Late acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AckDelayed {
    /// When it is armed.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// How late.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub by: Duration,
    /// The first that is hit. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub nth: u64,
    /// How many in a row. Default 1.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub count: u64,
}

/// The cloud closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Close {
    /// When.
    #[serde(deserialize_with = "plain", serialize_with = "text")]
    pub at: Duration,
    /// With which code; 1006 drops the connection.
    pub code: u16,
}

fn first() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip like this")]
fn is_first(number: &u64) -> bool {
    *number == first()
}
