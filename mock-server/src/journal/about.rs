//! What a frame or a body is about, as the codec read or wrote it. It is said once, where that happens; nobody
//! searches the text again.

use crate::core::{Ack, GuestMessage, Push, Refusal, hash};

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum About {
    /// Nothing that could be read.
    #[default]
    Nothing,
    /// A message of the guest; texts are told apart by their hash.
    Message { id: String, content: u64 },
    /// Something of the guest that is no message, with the id that it has all the same.
    Malformed { id: Option<String> },
    /// The acknowledgement of a message.
    Ack { id: String },
    /// A message of the agent; empty where the cloud gives no id.
    Agent { id: String },
    /// A refusal, of a message if it names one.
    Refused { id: Option<String>, retry_after: Option<String> },
}

impl About {
    /// The message that it is about.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Message { id, .. } | Self::Ack { id } | Self::Agent { id } => Some(id.as_str()),
            Self::Malformed { id } | Self::Refused { id, .. } => id.as_deref(),
        }
        .filter(|id| !id.is_empty())
    }
}

impl From<&Result<GuestMessage, Refusal>> for About {
    fn from(message: &Result<GuestMessage, Refusal>) -> Self {
        match message {
            Ok(GuestMessage { id, content }) => {
                Self::Message { id: id.clone(), content: hash(content) }
            }
            Err(refusal) => Self::Malformed { id: refusal.message_id.clone().map(String::from) },
        }
    }
}

impl From<&Ack> for About {
    fn from(ack: &Ack) -> Self {
        Self::Ack { id: ack.message_id.clone() }
    }
}

impl From<&Refusal> for About {
    fn from(refusal: &Refusal) -> Self {
        Self::Refused {
            id: refusal.message_id.clone().map(String::from),
            retry_after: refusal.retry_after.as_ref().map(ToString::to_string),
        }
    }
}

impl From<&Push> for About {
    fn from(push: &Push) -> Self {
        match push {
            Push::Message(message) => Self::Agent { id: message.message_id.clone() },
            Push::Typing => Self::Nothing,
        }
    }
}
