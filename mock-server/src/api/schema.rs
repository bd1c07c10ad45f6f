//! The shapes of the wire as documents name them. They are written a second time on purpose: what
//! is served is held to them in tests, and neither may follow the other unnoticed.

use serde::Serialize;
use utoipa::ToSchema;

/// Who the guest says to be.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Profile {
    #[schema(required = false, nullable)]
    email: String,
    #[schema(required = false, nullable)]
    first_name: String,
    #[schema(required = false, nullable)]
    last_name: String,
}

/// A guest to be created.
#[derive(ToSchema, Serialize)]
pub(super) struct NewGuest {
    guest: Profile,
}

/// Which guest gets a new token, where the bearer does not say.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refresh {
    #[schema(required = false, nullable)]
    webchat_instance_id: String,
}

/// A guest and its token.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grant {
    webchat_instance_id: String,
    token: String,
    /// Life of the token in seconds.
    expires_in: u64,
}

/// A message of the guest's.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
#[schema(as = Message)]
pub(super) struct GuestMessage {
    /// `message`
    r#type: String,
    content: String,
    /// The guest's own id for it, 1 to 256 bytes.
    message_id: String,
}

/// The acknowledgement of a message.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ack {
    /// `messageReceived`
    r#type: String,
    message_id: String,
}

/// A message of the agent's, as a frame and in the history.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentMessage {
    /// `message`
    r#type: String,
    content: String,
    #[schema(required = false)]
    message_id: String,
    /// Its place among the agent's messages of this conversation, from 1.
    sequence: u64,
}

/// One page of history.
#[derive(ToSchema, Serialize)]
pub(super) struct Page {
    messages: Vec<AgentMessage>,
    /// Whether there are messages beyond it.
    more: bool,
}

/// Why not.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refusal {
    status: u16,
    /// The machine code, such as `rate.limited`.
    code: String,
    message: String,
    #[schema(required = false)]
    field: String,
    /// Seconds, or the text of the header.
    #[schema(required = false, value_type = Value)]
    retry_after: String,
}

/// A refusal as a frame.
#[derive(ToSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorFrame {
    /// `error`
    r#type: String,
    status: u16,
    code: String,
    message: String,
    #[schema(required = false)]
    field: String,
    #[schema(required = false, value_type = Value)]
    retry_after: String,
    /// The message it is about, if its id could be read.
    #[schema(required = false)]
    message_id: String,
}
