//! `onmessage`: acknowledgements, what the agent says, and what the cloud has against a message.
//!
//! The right one has a cursor: what it has shown is not shown again, and what it has missed is read
//! from the history.

use std::rc::Rc;

use serde::Deserialize;

use super::super::defect::Defect;
use super::api::{Fault, url};
use super::backoff;
use super::client::Client;
use super::doors::Door;

/// Every frame there is.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Incoming {
    #[serde(rename = "message")]
    Message(AgentMessage),
    #[serde(rename = "messageReceived")]
    Received { message_id: String },
    #[serde(rename = "error")]
    Error {
        status: u16,
        #[serde(default)]
        code: String,
        message_id: Option<String>,
        retry_after: Option<serde_json::Value>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AgentMessage {
    message_id: String,
    sequence: u64,
}

/// One page of history.
#[derive(Deserialize)]
struct Page {
    messages: Vec<AgentMessage>,
    more: bool,
}

impl Client {
    /// `onmessage`.
    pub(super) fn on_message(self: &Rc<Self>, text: &[u8]) {
        match serde_json::from_slice(text) {
            Ok(Incoming::Message(message)) => {
                if !self.receive(&message) {
                    self.catch_up();
                }
            }
            Ok(Incoming::Received { message_id }) => self.acknowledge(&message_id),
            Ok(Incoming::Error { .. }) if self.has(Defect::A24) => {}
            Ok(Incoming::Error { status, code, message_id, retry_after }) => {
                let retry_after = retry_after.map(|value| match value {
                    serde_json::Value::String(text) => text,
                    value => value.to_string(),
                });
                self.told(Door::Messages, status, retry_after.as_deref());
                if let Some(id) = message_id
                    && let Some(message) = self.saved_mut().buffer.get(&id)
                {
                    message.refused = Some(Fault::Status { status, code, retry_after });
                }
                self.changed();
            }
            Err(error) => self.notice(format!("cannot read a frame: {error}")),
        }
    }

    /// Shows a message if it is its turn; false if something is missing.
    fn receive(&self, message: &AgentMessage) -> bool {
        if self.has(Defect::A25) {
            self.show(message);
            return true;
        }
        let cursor = self.saved().cursor;
        if message.sequence <= cursor {
            return true;
        }
        let shown = message.sequence == cursor + 1 && self.show(message);
        if shown {
            self.saved_mut().cursor = message.sequence;
        }
        shown
    }

    /// Gives a message to the application; whether that is done with.
    fn show(&self, message: &AgentMessage) -> bool {
        match self.app().show(&message.message_id, self.setting()) {
            Ok(()) => true,
            Err(error) => {
                self.notice(error.to_string());
                // `catch (err) { console.warn('Failed to parse', err) }`
                self.has(Defect::A33)
            }
        }
    }

    /// Reads what was missed, unless somebody does.
    pub(super) fn catch_up(self: &Rc<Self>) {
        if self.has(Defect::A25) || self.catching_up.replace(true) {
            return;
        }
        let client = Rc::clone(self);
        self.spawn(async move {
            let mut failures = 0;
            while client.is_open() {
                let session = client.saved().session.clone();
                match client.page().await {
                    Ok(page) if page.messages.iter().all(|message| client.receive(message)) => {
                        if !page.more {
                            break;
                        }
                        failures = 0;
                        continue;
                    }
                    Ok(_) => {}
                    Err(fault) => client.look_at(&fault, session).await,
                }
                let wait = backoff::delay(failures, &mut client.entropy(), client.defects());
                failures += 1;
                tokio::time::sleep(wait).await;
            }
            client.catching_up.set(false);
        });
    }

    async fn page(self: &Rc<Self>) -> Result<Page, Fault> {
        let session = self.session_to_ask().await?;
        let after = self.saved().cursor;
        let path = format!("webchat/instances/{}/messages?after={after}", session.instance);
        let request = self.http().get(url(&path)).bearer_auth(&session.token);
        self.fetch(Door::History, request, None).await
    }
}
