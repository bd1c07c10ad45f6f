//! The two roads of a message: a frame on the socket, and a POST. Both at the pace that the cloud
//! allows.

use std::rc::Rc;
use std::time::Duration;

use super::super::defect::Defect;
use super::api::{Fault, url};
use super::buffer::Buffered;
use super::client::Client;
use super::doors::Door;
use super::socket::Order;

/// Two messages a second are allowed, and this is a little less.
const PACE: Duration = Duration::from_millis(525);
/// How long an acknowledgement may take.
const ACK_WITHIN: Duration = Duration::from_secs(8);

impl Client {
    /// Waits for the turn of the next message.
    pub(super) async fn pace(&self) {
        if self.has(Defect::A21) {
            return;
        }
        let now = self.mono();
        let turn = self.next_send.get().max(now);
        self.next_send.set(turn + PACE);
        tokio::time::sleep(turn.saturating_sub(now)).await;
    }

    /// Sends a message on the socket and waits for its acknowledgement.
    pub(super) async fn by_socket(&self, message: &Buffered) -> Result<(), Fault> {
        let id = &message.id;
        let sent_on = self.generation();
        self.order(Order::Send(payload(id, &message.content)));
        let deadline = tokio::time::sleep(ACK_WITHIN);
        tokio::pin!(deadline);
        loop {
            let changed = self.change();
            match self.saved_mut().buffer.get(id).map(|message| message.refused.take()) {
                None => return Ok(()),
                Some(Some(fault)) => return Err(fault),
                Some(None) => {}
            }
            if self.generation() != sent_on || !self.is_open() {
                return Err(Fault::NoAnswer);
            }
            tokio::select! {
                biased;
                () = changed => {}
                () = &mut deadline, if !self.has(Defect::A28) => return Err(Fault::NoAnswer),
            }
        }
    }

    /// Posts a message.
    pub(super) async fn by_rest(self: &Rc<Self>, message: &Buffered) -> Result<(), Fault> {
        let session = self.session_to_ask().await?;
        // A new guest may have come of it, and with it the end of what was buffered.
        if self.saved_mut().buffer.get(&message.id).is_none() && !self.has(Defect::A19) {
            return Ok(());
        }
        // The article sends one id on both roads and no server has promised to know it again. This
        // one does, so that the defect is an id that the other road does not know.
        let id = if self.has(Defect::A18) { self.draw_id() } else { message.id.clone() };
        let url = url(&format!("webchat/instances/{}/messages", session.instance));
        let post = || self.http().post(url.as_str()).bearer_auth(&session.token);
        let body = payload(&id, &message.content);
        let answer = self.ask(post(), Some(body.clone())).await;
        let Err(Fault::Status { status, retry_after, .. }) = &answer else {
            return answer.map(drop);
        };
        let (status, retry_after) = (*status, retry_after.as_deref());
        if status == 429 && self.has(Defect::A14) {
            tokio::time::sleep(self.retry_after(retry_after)).await;
            // Retry once after rate limit
            self.ask(post(), Some(body)).await.or_else(Fault::only_silence)?;
            return Ok(());
        }
        if status == 429 && self.has(Defect::A19) {
            // This flush knows now; another one does not.
            tokio::time::sleep(self.retry_after(retry_after)).await;
        } else {
            self.told(Door::Messages, status, retry_after);
        }
        answer.map(drop)
    }
}

/// `MessagePayload`.
pub(super) fn payload(id: &str, content: &str) -> String {
    serde_json::json!({ "type": "message", "content": content, "messageId": id }).to_string()
}
