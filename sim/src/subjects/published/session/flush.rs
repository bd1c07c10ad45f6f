//! `resendBufferViaRest`: sends what is buffered, one message at a time.
//!
//! The right one is also how a message typed on an open socket gets there: whatever is buffered goes
//! in order, on the road on which it is due.

use std::rc::Rc;

use super::super::defect::Defect;
use super::api::Fault;
use super::backoff;
use super::buffer::{Buffered, Road};
use super::client::Client;
use super::doors::Door;

/// How a pass over the buffer ended.
enum Pass {
    /// Everything went.
    Clear,
    /// The link is down: the next socket that opens begins again.
    Offline,
    /// Not everything went; whether it is the cloud that named a time.
    Failed { told: bool },
}

impl Client {
    /// Begins to send what is buffered, unless somebody does.
    pub(super) fn start_flush(self: &Rc<Self>) {
        if self.flushes.get() > 0 && !self.has(Defect::A19) {
            return;
        }
        self.flushes.set(self.flushes.get() + 1);
        let client = Rc::clone(self);
        self.spawn(async move {
            client.flush().await;
            client.flushes.set(client.flushes.get() - 1);
        });
    }

    async fn flush(self: &Rc<Self>) {
        let mut failures = 0;
        loop {
            let pass = self.pass().await;
            let once = self.has(Defect::A20);
            match pass {
                Pass::Clear if once || self.saved().buffer.size().0 == 0 => break,
                Pass::Clear => failures = 0,
                Pass::Offline => return,
                Pass::Failed { .. } if self.has(Defect::A13) => break,
                // The next reconnection has a flush of its own.
                Pass::Failed { .. } if once && !self.is_open() => return,
                Pass::Failed { told: true } => {}
                Pass::Failed { told: false } => {
                    let wait = backoff::delay(failures, &mut self.entropy(), self.defects());
                    failures += 1;
                    tokio::time::sleep(wait).await;
                }
            }
        }
        if self.has(Defect::A13) {
            self.notice("session restored, buffer cleared".to_owned());
        }
    }

    async fn pass(self: &Rc<Self>) -> Pass {
        let mut pass = Pass::Clear;
        let pending = self.saved().buffer.unacknowledged();
        for mut message in pending {
            self.pace().await;
            if !self.has(Defect::A19) {
                self.wait_for(Door::Messages).await;
                let Some(now) = self.saved_mut().buffer.get(&message.id).cloned() else { continue };
                message = now;
            }
            // The flush of a reconnect goes on without a socket.
            if !self.is_open() && !self.has(Defect::A12) && !self.has(Defect::A20) {
                return Pass::Offline;
            }
            let session = self.saved().session.clone();
            let sent = match message.road {
                Road::Socket if self.is_open() && !self.has(Defect::A20) => {
                    self.by_socket(&message).await
                }
                _ => self.by_rest(&message).await,
            };
            match sent {
                Ok(()) => self.acknowledge(&message.id),
                Err(fault) => {
                    self.look_at(&fault, session).await;
                    self.failed_to_send(&message.id, &fault);
                    pass = Pass::Failed { told: fault.status() == Some(429) };
                    if !self.has(Defect::A20) {
                        return pass;
                    }
                }
            }
        }
        pass
    }

    fn failed_to_send(&self, id: &str, fault: &Fault) {
        match fault.status() {
            Some(401 | 429) => {}
            Some(400..=499) if !fault.is_gone() => self.count_refusal(id, fault),
            _ => {
                if let Some(message) = self.saved_mut().buffer.get(id) {
                    message.road = message.road.other();
                }
            }
        }
    }

    /// Sends one message on the socket, whatever else is under way.
    pub(super) fn send_beside(self: &Rc<Self>, message: Buffered) {
        let client = Rc::clone(self);
        self.spawn(async move {
            client.pace().await;
            let sent = client.by_socket(&message).await;
            // What a connection takes along is left to the next one.
            if let Err(fault) = sent
                && client.is_open()
            {
                client.failed_to_send(&message.id, &fault);
                client.start_flush();
            }
        });
    }
}
