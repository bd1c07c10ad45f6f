//! What guests and agents say, and what the cloud answers: the answers and pushes of the core, as data.

/// A guest and its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Names the guest and its conversation; stays the same when the token changes.
    pub webchat_instance_id: String,
    /// The guest token.
    pub token: String,
    /// Life of the token in seconds.
    pub expires_in: u64,
}

/// A guest's message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestMessage {
    /// The guest's own id for it.
    pub id: String,
    /// Its text.
    pub content: String,
}

/// The acknowledgement of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ack {
    /// The message that is in the conversation; empty where a fault took it away.
    pub message_id: String,
}

/// A message of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentMessage {
    /// The text.
    pub content: String,
    /// The cloud's id for it; empty where it gives none.
    pub message_id: String,
    /// Its place among the agent's messages of this conversation, from 1.
    pub sequence: u64,
}

/// One page of history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The messages, lowest sequence first.
    pub messages: Vec<AgentMessage>,
    /// Whether there are messages beyond this page.
    pub more: bool,
}

/// What a socket is told without having asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Push {
    /// The agent has said something.
    Message(AgentMessage),
    /// The agent is seen typing.
    Typing,
}
