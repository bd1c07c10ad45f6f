//! Answers and pushes as JSON.

use serde::Serialize;

use crate::core::{Ack, AgentMessage, Grant, Page, Push, Refusal, RetryHint};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GrantBody<'a> {
    webchat_instance_id: &'a str,
    token: &'a str,
    expires_in: u64,
}

/// Every frame: its type, and what that type has beside.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Frame<'a> {
    MessageReceived {
        #[serde(skip_serializing_if = "str::is_empty")]
        message_id: &'a str,
    },
    Message {
        content: &'a str,
        #[serde(skip_serializing_if = "str::is_empty")]
        message_id: &'a str,
        sequence: u64,
    },
    Typing {
        duration: u32,
    },
    Error {
        #[serde(flatten)]
        refusal: RefusalBody<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message_id: Option<&'a str>,
    },
}

#[derive(Serialize)]
struct PageBody<'a> {
    messages: Vec<Frame<'a>>,
    more: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RefusalBody<'a> {
    status: u16,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<RetryAfter<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum RetryAfter<'a> {
    Seconds(u64),
    Text(&'a str),
}

impl<'a> From<&'a Refusal> for RefusalBody<'a> {
    fn from(refusal: &'a Refusal) -> Self {
        Self {
            status: refusal.status,
            code: &refusal.code,
            message: &refusal.message,
            field: refusal.field.as_deref(),
            retry_after: refusal.retry_after.as_ref().map(|hint| match hint {
                RetryHint::Seconds(seconds) => RetryAfter::Seconds(*seconds),
                RetryHint::Text(text) => RetryAfter::Text(text),
            }),
        }
    }
}

impl<'a> From<&'a AgentMessage> for Frame<'a> {
    fn from(message: &'a AgentMessage) -> Self {
        let AgentMessage { content, message_id, sequence } = message;
        Self::Message { content, message_id, sequence: *sequence }
    }
}

/// `{"webchatInstanceId","token","expiresIn"}`
#[must_use]
pub fn grant(grant: &Grant) -> String {
    let Grant { webchat_instance_id, token, expires_in } = grant;
    json(&GrantBody { webchat_instance_id, token, expires_in: *expires_in })
}

/// `{"type":"messageReceived","messageId"}`, as a body and as a frame.
#[must_use]
pub fn ack(ack: &Ack) -> String {
    json(&Frame::MessageReceived { message_id: &ack.message_id })
}

/// `{"messages":[...],"more"}`, each message as its frame is.
#[must_use]
pub fn page(page: &Page) -> String {
    let messages = page.messages.iter().map(Frame::from).collect();
    json(&PageBody { messages, more: page.more })
}

/// The frame of a push: `{"type":"message","content","messageId","sequence"}` or
/// `{"type":"typing","duration"}`.
#[must_use]
pub fn push(push: &Push) -> String {
    match push {
        Push::Message(message) => json(&Frame::from(message)),
        Push::Typing => json(&Frame::Typing { duration: 5000 }),
    }
}

/// The body of a refusal: `{"status","code","message","field","retryAfter"}`.
#[must_use]
pub fn refusal(refusal: &Refusal) -> String {
    json(&RefusalBody::from(refusal))
}

/// The refusal as a frame: `{"type":"error",...,"messageId"}`.
#[must_use]
pub fn error_frame(refusal: &Refusal) -> String {
    let message_id = refusal.message_id.as_deref();
    json(&Frame::Error { refusal: refusal.into(), message_id })
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the wire shapes have string keys and plain values")
}
