//! `sendMessage`, and how messages leave the buffer: acknowledged, or given up with a reason.

use std::rc::Rc;
use std::time::Duration;

use super::super::defect::Defect;
use super::api::Fault;
use super::buffer::{Buffered, Road};
use super::client::Client;
use crate::trace::reports::Failure;
use crate::trace::{Kind, Message};

/// `BUFFER_TTL_MS`.
const TTL: Duration = Duration::from_secs(300);
/// `MAX_RETRIES`.
const MAX_RETRIES: u32 = 3;
/// Most messages that are buffered.
const MESSAGES_MAX: usize = 500;
/// Most bytes of text.
const BYTES_MAX: usize = 1024 * 1024;

impl Client {
    /// `sendMessage`: buffered, and sent as soon as that is possible.
    pub(in super::super) fn send_message(self: &Rc<Self>, content: String) {
        let id = self.draw_id();
        self.typed(&id, &content);
        if let Some(reason) = self.refusal_to_buffer(content.len()) {
            return self.report_failed(&id, reason);
        }
        let road = if self.is_open() { Road::Socket } else { Road::Rest };
        let timestamp = self.clock().now();
        let message =
            Buffered { id: id.clone(), content, timestamp, road, retry_count: 0, refused: None };
        self.saved_mut().buffer.add(message.clone());
        if self.has(Defect::A17) {
            self.cleanup_expired();
        } else {
            self.expire_in_time(&id, self.ttl());
        }
        if !self.is_open() {
            return;
        }
        if self.has(Defect::A20) {
            self.send_beside(message);
        } else {
            self.start_flush();
        }
    }

    fn refusal_to_buffer(&self, bytes: usize) -> Option<Failure> {
        let limits = &self.setting().client;
        let most = limits.buffer_messages.unwrap_or(MESSAGES_MAX);
        let most_bytes = limits.buffer_bytes.unwrap_or(BYTES_MAX);
        let (messages, buffered) = self.saved().buffer.size();
        let full = messages >= most || buffered + bytes > most_bytes;
        (full && !self.has(Defect::A26))
            .then_some(Failure::BufferFull { messages, bytes: buffered })
    }

    /// `cleanupExpired`, as published: nobody hears of it.
    fn cleanup_expired(&self) {
        let (now, ttl) = (self.clock().now(), self.ttl());
        self.saved_mut().buffer.cleanup(|message| {
            now.saturating_sub(message.timestamp) > ttl || message.retry_count >= MAX_RETRIES
        });
    }

    pub(super) fn ttl(&self) -> Duration {
        self.setting().client.ttl.unwrap_or(TTL)
    }

    /// Gives a message up when its time is over, and says so.
    pub(super) fn expire_in_time(self: &Rc<Self>, id: &str, left: Duration) {
        let (client, id) = (Rc::downgrade(self), id.to_owned());
        self.spawn(async move {
            tokio::time::sleep(left).await;
            if let Some(client) = client.upgrade() {
                client.fail(&id, Failure::Expired);
            }
        });
    }

    /// `acknowledge`.
    pub(super) fn acknowledge(&self, id: &str) {
        if self.saved_mut().buffer.take(id) {
            self.report(id, |message| Kind::Delivered { message });
            self.changed();
        }
    }

    /// Takes a message out, with a reason.
    pub(super) fn fail(&self, id: &str, reason: Failure) {
        if self.saved_mut().buffer.take(id) {
            self.report_failed(id, reason);
            self.changed();
        }
    }

    /// The cloud refuses the message itself; after so many times it is given up.
    pub(super) fn count_refusal(&self, id: &str, fault: &Fault) {
        if self.has(Defect::A16) {
            return;
        }
        let count = self.saved_mut().buffer.get(id).map(|message| {
            message.retry_count += 1;
            message.retry_count
        });
        if count.is_some_and(|count| count >= MAX_RETRIES) {
            self.fail(id, Failure::RefusedRepeatedly(fault.to_string()));
        }
    }

    /// The conversation that the messages were written for is gone.
    pub(super) fn conversation_gone(&self) {
        {
            let mut saved = self.saved_mut();
            saved.session = None;
            saved.cursor = 0;
        }
        let pending = self.saved().buffer.unacknowledged();
        for message in pending {
            self.fail(&message.id, Failure::ConversationGone);
        }
    }

    /// What the caller of `sendMessage` learns of a failure.
    fn report_failed(&self, id: &str, reason: Failure) {
        // `sendMessage` has resolved long ago, and nobody can be told any more.
        if !self.has(Defect::A29) {
            self.report(id, |message| Kind::Failed { message, reason });
        }
    }

    fn report(&self, id: &str, kind: impl FnOnce(Message) -> Kind) {
        let name = self.setting().log.name_guest(id, None);
        self.push(kind(name));
    }

    fn typed(&self, id: &str, content: &str) {
        let log = &self.setting().log;
        let message = log.name_typed(content);
        log.name_id(id, message);
        self.push(Kind::Typed { message, bytes: content.len() });
    }
}
