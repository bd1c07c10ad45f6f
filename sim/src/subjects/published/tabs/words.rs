//! What the tabs say to each other on their channels, and what the agent's messages look like to
//! them.
//!
//! The first three are the article's. The others carry what its client has no words for.

use serde::{Deserialize, Serialize};

/// What the SDK turns into a button, and a button is a function: nothing that can be cloned.
const BUTTON: &str = "[button]";

/// A message of the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    /// The cloud's id for it, where it gives one.
    #[serde(rename = "messageId", default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    pub(super) sequence: u64,
    pub(super) content: String,
}

impl Payload {
    /// What it is known by everywhere, also where it has no id.
    pub(super) fn key(&self) -> String {
        self.id.clone().unwrap_or_else(|| format!("sequence {}", self.sequence))
    }

    /// Whether `postMessage` takes it as it is.
    pub(super) fn is_cloneable(&self) -> bool {
        !self.content.contains(BUTTON)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub(super) enum Word {
    /// A tab has become primary.
    FocusGained { tab_id: String, epoch: Option<u64> },
    /// A tab is primary no more.
    FocusLost,
    /// The primary tab has processed a message.
    NewMessage { payload: Payload, processed_at: u64 },
    /// It has processed one that no channel carries: it is in the store.
    InStore,
    /// There is something new in the outbox.
    Typed,
    /// What became of a message that the tab `to` has typed.
    Settled { to: String, id: String, failed: Option<String> },
}

impl Word {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a word is plain data")
    }

    /// What another script says on the channel is nobody's business.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
