//! What tabs say to each other, as JSON text.
//!
//! Anybody may post on a channel: a script of the same site, a tab with another build. What does not
//! carry this version, this scope and a form that is known here is refused with a reason.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::{Instant, Now, Wall};
use crate::types::{Because, Inbound, Outcome, State, TerminalReason, Why};

/// Version of the words on the channel.
pub const VERSION: u32 = 1;

/// Longer texts are not read. What a guest types has at most 4 KiB; what an agent writes has no bound
/// that is known here, and one longer than this comes by the store.
pub const LONGEST_BYTES: usize = 256 * 1024;

/// One message, with who says it and what epoch they believe in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// [`VERSION`]; under this name so that a foreign message is told by its absence.
    pub holdline: u32,
    /// Which application of the site this is about.
    pub scope: String,
    /// Who says it.
    pub tab: String,
    /// The newest epoch the sender knows.
    pub epoch: u64,
    /// What.
    pub say: Say,
}

/// What a tab says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Say {
    /// A tab has come, or missed something: it has shown the feed up to here.
    Hello {
        /// Position in the feed; 0 before the first.
        shown: u64,
    },
    /// The leader lives.
    Beat {
        /// Last position of the feed.
        head: u64,
        /// What its session does.
        state: Saying,
        /// Why it is this tab that leads.
        because: Because,
    },
    /// A follower has not heard of the leader for a while.
    Probe,
    /// The tab that the user looks at would like to lead.
    Want,
    /// The leader has stopped for this tab, which may steal the lock now.
    Yield {
        /// The tab that is to lead.
        to: String,
    },
    /// There is something to send.
    Call {
        /// Idempotency key and call id.
        id: Uuid,
        /// The message itself, when the store could not take it.
        unsaved: Option<Draft>,
    },
    /// A message has ended.
    Settled {
        /// Its call id.
        id: Uuid,
        /// How.
        outcome: Outcome,
    },
    /// A message of the agent.
    Feed {
        /// Its position.
        number: u64,
        /// It.
        message: Inbound,
        /// No store has it: the position is given again when the leader goes.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unsaved: bool,
    },
    /// The user asks to try now.
    Reconnect,
    /// The leader leaves.
    Bye,
}

/// A message that only the tab that typed it remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Text.
    pub text: String,
    /// When it was typed.
    pub at: Wall,
    /// The call before it that only this tab has: a leader that has not heard of that one waits until
    /// both are said again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Uuid>,
}

/// A [`State`] as another tab can read it: monotonic clocks differ from tab to tab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Saying {
    /// See [`State::Connecting`].
    Connecting,
    /// See [`State::Open`].
    Open,
    /// See [`State::Waiting`].
    Waiting {
        /// When the next try starts.
        until: Wall,
        /// What the last one ended with.
        why: Why,
    },
    /// See [`State::Terminal`].
    Terminal(TerminalReason),
    /// See [`State::Closed`].
    Closed,
}

impl Saying {
    /// The state as others can read it.
    #[must_use]
    pub fn of(now: Now, state: &State) -> Self {
        match state {
            State::Connecting => Self::Connecting,
            State::Open => Self::Open,
            State::Waiting { until, why } => {
                Self::Waiting { until: now.wall + until.since(now.mono), why: *why }
            }
            State::Terminal(reason) => Self::Terminal(*reason),
            State::Closed => Self::Closed,
        }
    }

    /// The state by the clocks of this tab.
    #[must_use]
    pub fn here(&self, now: Now) -> State {
        match self {
            Self::Connecting => State::Connecting,
            Self::Open => State::Open,
            Self::Waiting { until, why } => {
                let until: Instant = now.mono + until.since(now.wall);
                State::Waiting { until, why: *why }
            }
            Self::Terminal(reason) => State::Terminal(*reason),
            Self::Closed => State::Closed,
        }
    }
}

/// Reads a text from the channel; what is wrong with it otherwise.
pub fn parse(text: &str, scope: &str) -> Result<Message, String> {
    if text.len() > LONGEST_BYTES {
        return Err(format!("{} bytes, at most {LONGEST_BYTES} are read", text.len()));
    }
    let message: Message = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(error) => return Err(what_else(text, &error)),
    };
    if message.holdline != VERSION {
        return Err(other_version(message.holdline.into()));
    }
    if message.scope != scope {
        return Err("of another application".into());
    }
    Ok(message)
}

/// What a text is that is no message of ours.
fn what_else(text: &str, error: &serde_json::Error) -> String {
    let Ok(value) = serde_json::from_str::<serde_json::Value>(text) else {
        return "not JSON: another script's".into();
    };
    match value["holdline"].as_u64() {
        None => "without a version: another script's".into(),
        Some(version) if version != u64::from(VERSION) => other_version(version),
        Some(_) => format!("malformed: {error}"),
    }
}

fn other_version(version: u64) -> String {
    format!("version {version}, this tab speaks {VERSION}: reload it")
}
