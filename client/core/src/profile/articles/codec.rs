//! Bodies and frames of the articles' server, as text.
//!
//! Reading never fails silently: what cannot be understood comes back as a notice or a malformed
//! answer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::config::GuestProfile;
use crate::credentials::Issued;
use crate::inbound::Page;
use crate::request_error::RequestError;
use crate::session::Incoming;
use crate::types::{Inbound, Notice};

/// Longest piece of a peer's text that a notice repeats, in characters.
const QUOTED_MAX: usize = 64;
/// Greatest sequence: the greatest whole number that every JSON peer can carry (RFC 8259, 6).
const SEQUENCE_MAX: u64 = (1 << 53) - 1;

/// The body that creates a guest.
#[must_use]
pub fn guest_body(guest: &GuestProfile) -> String {
    json!({"guest": {
        "email": guest.email, "firstName": guest.first_name, "lastName": guest.last_name,
    }})
    .to_string()
}

/// A message, as the frame on the socket and as the body of a REST send.
#[must_use]
pub fn message_body(id: Uuid, text: &str) -> String {
    let message = MessageOut { content: text, message_id: id, kind: "message" };
    serde_json::to_string(&message).expect("text and an id are plain data")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MessageOut<'a> {
    content: &'a str,
    message_id: Uuid,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssuedBody {
    webchat_instance_id: String,
    token: String,
    #[serde(default)]
    expires_in: Value,
}

/// Reads the answer to a guest creation or refresh. An instance that cannot be part of a path or a
/// token that cannot be part of a header is malformed.
pub fn issued(body: &[u8]) -> Result<Issued, RequestError> {
    let body: IssuedBody = serde_json::from_slice(body).map_err(|_| RequestError::Malformed)?;
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let instance = body.webchat_instance_id;
    let instance_fits = !instance.is_empty()
        && !matches!(instance.as_str(), "." | "..")
        && instance.bytes().all(in_path);
    let token_fits =
        !body.token.is_empty() && body.token.bytes().all(|byte| byte.is_ascii_graphic());
    if !instance_fits || !token_fits {
        return Err(RequestError::Malformed);
    }
    Ok(Issued { instance, token: body.token, expires_in_s: body.expires_in.as_u64() })
}

/// Reads the answer to a REST send: it must acknowledge the very message. A page of a captive
/// portal with status 200 does not.
pub fn acknowledged(body: &[u8], id: Uuid) -> Result<(), RequestError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| RequestError::Malformed)?;
    let acks = body["type"] == "messageReceived" && uuid_of(&body["messageId"]) == Some(id);
    if acks { Ok(()) } else { Err(RequestError::Malformed) }
}

#[derive(Deserialize)]
struct PageBody {
    messages: Vec<MessageBody>,
    #[serde(default)]
    more: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageBody {
    content: String,
    #[serde(default)]
    message_id: String,
    #[serde(default)]
    sequence: Option<u64>,
}

impl From<MessageBody> for Inbound {
    fn from(body: MessageBody) -> Self {
        Self { id: body.message_id, sequence: body.sequence, text: body.content }
    }
}

impl MessageBody {
    /// Whether it can be told from every other message, and by a number that JSON can carry.
    fn is_identified(&self) -> bool {
        match self.sequence {
            Some(sequence) => (1..=SEQUENCE_MAX).contains(&sequence),
            None => !self.message_id.is_empty(),
        }
    }
}

/// Reads a page of history.
pub fn page(body: &[u8]) -> Result<Page, RequestError> {
    let body: PageBody = serde_json::from_slice(body).map_err(|_| RequestError::Malformed)?;
    if !body.messages.iter().all(MessageBody::is_identified) {
        return Err(RequestError::Malformed);
    }
    let messages = body.messages.into_iter().map(Inbound::from).collect();
    Ok(Page { messages, more: body.more })
}

/// The machine code in a refusal's body; empty when there is none.
#[must_use]
pub fn code(body: &[u8]) -> String {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    body.and_then(|body| body["code"].as_str().map(quoted)).unwrap_or_default()
}

/// Reads one text frame.
#[must_use]
pub fn frame(text: &[u8]) -> Incoming {
    let Ok(body) = serde_json::from_slice::<Value>(text) else {
        return malformed("not JSON");
    };
    let Some(kind) = body["type"].as_str() else {
        return malformed("no type");
    };
    match kind {
        "messageReceived" => uuid_of(&body["messageId"])
            .map_or_else(|| malformed("acknowledges no message id"), |id| Incoming::Ack { id }),
        "message" => match serde_json::from_value::<MessageBody>(body) {
            Ok(message) if !message.is_identified() => {
                malformed("a message with neither id nor possible sequence")
            }
            Ok(message) => Incoming::Message(message.into()),
            Err(_) => malformed("a message without content"),
        },
        "error" => error(&body),
        kind => Incoming::Odd(Notice::UnknownFrame(quoted(kind))),
    }
}

/// A frame that could not be read.
#[must_use]
pub fn malformed(detail: &str) -> Incoming {
    Incoming::Odd(Notice::MalformedFrame(detail.to_owned()))
}

fn error(body: &Value) -> Incoming {
    let Some(status) = body["status"].as_u64().and_then(|status| u16::try_from(status).ok()) else {
        return malformed("an error without status");
    };
    let retry_after = match &body["retryAfter"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let code = body["code"].as_str().map(quoted).unwrap_or_default();
    Incoming::Error {
        id: uuid_of(&body["messageId"]),
        fault: RequestError::Status { status, code, retry_after },
    }
}

fn uuid_of(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| text.parse().ok())
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_MAX).collect()
}
