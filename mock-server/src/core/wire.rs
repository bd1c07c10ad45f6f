//! The JSON shapes of the `articles` profile, written and read. Reading names the field that is
//! wrong and ignores fields it does not know.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Longest `messageId` in bytes, so that a peer cannot fill the memory with ids. A UUID has 36.
const MAX_MESSAGE_ID_BYTES: usize = 256;

/// The answer to creating or refreshing a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Names the guest and its conversation; stays the same when the token changes.
    pub webchat_instance_id: String,
    /// The guest token.
    pub token: String,
    /// Life of the token in seconds.
    pub expires_in: u64,
}

/// The acknowledgement of a message: `{"type":"messageReceived","messageId"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ack {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The message that is in the conversation.
    pub message_id: String,
}

impl Ack {
    pub(super) fn new(message_id: &str) -> Self {
        Self { kind: "messageReceived", message_id: message_id.to_owned() }
    }
}

/// A message of the agent, as frame and in history: `{"type":"message",...}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentMessage {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The text.
    pub content: String,
    /// The cloud's id for it; empty where it gives none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// Its place among the agent's messages of this conversation, from 1.
    pub sequence: u64,
}

impl AgentMessage {
    pub(super) fn new(content: &str, message_id: &str, sequence: u64) -> Self {
        let (content, message_id) = (content.to_owned(), message_id.to_owned());
        Self { kind: "message", content, message_id, sequence }
    }

    pub(super) fn to_json(&self) -> String {
        to_json(self)
    }
}

/// One page of history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// The messages, lowest sequence first.
    pub messages: Vec<AgentMessage>,
    /// Whether there are messages beyond this page.
    pub more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorFrame<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    refusal: &'a Refusal,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<&'a str>,
}

impl Refusal {
    /// The refusal as a socket frame: `{"type":"error",...}`.
    pub(crate) fn to_frame(&self) -> String {
        to_json(&ErrorFrame {
            kind: "error",
            refusal: self,
            message_id: self.message_id.as_deref(),
        })
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the wire shapes have string keys and plain values")
}

/// A guest's message as it came.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct GuestMessage {
    pub(super) id: String,
    pub(super) content: String,
}

/// The object that a message should be, and nothing else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Expected<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    content: String,
    message_id: String,
}

impl GuestMessage {
    /// Reads `{"type":"message","content","messageId"}`. A refusal names the message when its id
    /// can be read.
    pub(super) fn parse(raw: &[u8]) -> Result<Self, Refusal> {
        // Serde takes an array for a struct as well.
        let is_object = raw.trim_ascii_start().starts_with(b"{");
        let text = std::str::from_utf8(raw).ok();
        match text.and_then(|text| serde_json::from_str::<Expected<'_>>(text).ok()) {
            Some(Expected { kind: "message", content, message_id: id })
                if is_object && is_message_id(&id) =>
            {
                Ok(Self { id, content })
            }
            _ => Self::examine(raw),
        }
    }

    /// Reads what is not as expected field by field, to say what is wrong, if it is.
    fn examine(raw: &[u8]) -> Result<Self, Refusal> {
        let fields = parse_object(raw)?;
        Self::from_fields(&fields).map_err(|mut refusal| {
            let id = fields.get("messageId").and_then(Value::as_str);
            refusal.message_id = id.filter(|id| id.len() <= MAX_MESSAGE_ID_BYTES).map(Box::from);
            refusal
        })
    }

    fn from_fields(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let kind = required_text(fields, "type")?;
        if kind != "message" {
            return Err(Refusal::type_unknown(kind));
        }
        let content = required_text(fields, "content")?;
        let id = required_text(fields, "messageId")?;
        if !is_message_id(id) {
            let expected = format!("a string of 1 to {MAX_MESSAGE_ID_BYTES} bytes");
            return Err(Refusal::field_invalid("messageId", &expected));
        }
        Ok(Self { id: id.to_owned(), content: content.to_owned() })
    }
}

fn is_message_id(id: &str) -> bool {
    (1..=MAX_MESSAGE_ID_BYTES).contains(&id.len())
}

/// Reads `{"guest":{"email","firstName","lastName"}}` (article 000); the three are optional.
pub(super) fn check_guest_profile(body: &[u8]) -> Result<(), Refusal> {
    let fields = parse_object(body)?;
    let profile = match fields.get("guest") {
        None => return Err(Refusal::field_missing("guest")),
        Some(Value::Object(profile)) => profile,
        Some(_) => return Err(Refusal::field_invalid("guest", "an object")),
    };
    for name in ["email", "firstName", "lastName"] {
        if profile.get(name).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err(Refusal::field_invalid(&format!("guest.{name}"), "a string"));
        }
    }
    Ok(())
}

/// Reads the optional `{"webchatInstanceId"}` of a refresh; article 004 sends no body at all.
pub(super) fn instance_to_refresh(body: &[u8]) -> Result<Option<String>, Refusal> {
    if body.is_empty() {
        return Ok(None);
    }
    match parse_object(body)?.get("webchatInstanceId") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(instance)) => Ok(Some(instance.clone())),
        Some(_) => Err(Refusal::field_invalid("webchatInstanceId", "a string")),
    }
}

fn parse_object(raw: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(raw) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Refusal::json_malformed("a JSON object is expected")),
        Err(error) => Err(Refusal::json_malformed(&error.to_string())),
    }
}

fn required_text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    match fields.get(name) {
        None => Err(Refusal::field_missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Refusal::field_invalid(name, "a string")),
    }
}
