//! What people do: the user types, the agent answers, somebody presses "reconnect".

use std::time::Duration;

use serde::Deserialize;

use super::duration::plain;

/// One thing done once, or several times at an interval.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Step {
    /// When, from the beginning.
    #[serde(deserialize_with = "plain")]
    pub at: Duration,
    /// What.
    #[serde(rename = "do")]
    pub what: Do,
    /// How often. Default once.
    #[serde(default = "once")]
    pub count: u32,
    /// Time between two of them. Default none: all at once.
    #[serde(default, deserialize_with = "plain")]
    pub every: Duration,
    /// Length of each text in bytes. Default: as long as "message 1" is.
    #[serde(default)]
    pub bytes: Option<usize>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Do {
    /// The user types a message and sends it.
    Send,
    /// The agent writes a message.
    Agent,
    /// The user asks the client to connect now.
    Reconnect,
}

impl Step {
    /// When the last of them is done.
    #[must_use]
    pub fn end(&self) -> Duration {
        self.at + self.every * self.count.saturating_sub(1)
    }
}

fn once() -> u32 {
    1
}
