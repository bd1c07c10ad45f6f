//! A thin twin of the cloud's socket actor: frames in, frames out, and how a socket ends.

use std::time::Duration;

use holdline_mock_server::core::{Ack, Caller, End as CloudEnded, Refusal};
use holdline_mock_server::faults::Reply;
use holdline_mock_server::profile::articles;

use super::Late;
use crate::trace::{Frame, Kind, Lane};
use crate::world::pure::conn::{CloudEnd, Data, Packet, Payload, What};
use crate::world::pure::{Due, World};

/// How long the cloud waits for the answer to its close frame, as the mock's default is.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const FRAME_BYTES: usize = 4;

impl World {
    pub(super) fn cloud_frame(&mut self, index: usize, frame: Frame, payload: Payload) {
        let conn = &self.conns[index];
        if matches!(conn.cloud, CloudEnd::Socket { closing: true, .. }) {
            return;
        }
        let kind = Kind::FrameOut { conn: conn.cloud_number, frame: frame.clone() };
        self.log.push(Lane::Cloud, kind);
        let bytes = FRAME_BYTES
            + match &payload {
                Payload::None => 2,
                Payload::Text(text) => text.len(),
                Payload::Ack(id) => id.len() + 44,
                Payload::Refusal(refusal) => refusal.message.len() + 120,
            };
        let data = Box::new(Data { bytes, what: What::Frame(frame, payload) });
        self.send(index, 1, false, Packet::Data(data));
    }

    pub(super) fn cloud_heard(&mut self, index: usize, frame: Frame, payload: &Payload) {
        let conn = self.conns[index].cloud_number;
        let end = self.conns[index].cloud;
        let is_ping = frame == Frame::Ping;
        let closes = if let Frame::Close(code) = &frame { Some(*code) } else { None };
        self.log.push(Lane::Cloud, Kind::FrameIn { conn, frame });
        let CloudEnd::Socket { guest, socket, closing } = end else { return };
        if let Some(code) = closes {
            self.with_core(|core, _, out| core.close_socket(socket, out));
            if !closing {
                self.cloud_frame(index, Frame::Close(code), Payload::None);
            }
            self.conns[index].cloud = CloudEnd::Lingers;
        } else if closing {
            // Nothing may follow a close frame.
        } else if is_ping {
            self.cloud_frame(index, Frame::Pong, Payload::None);
        } else if let Payload::Text(text) = payload {
            let caller = Caller::Socket { guest };
            let message = articles::message(text.as_bytes());
            let reply = self.with_cloud(|cloud, now, out| cloud.message(now, caller, message, out));
            let Reply::Send { answer, delivery } = reply else { return };
            let (frame, payload) = self.word(answer);
            for _ in 1..delivery.copies {
                self.say(index, delivery, Late::Frame(frame.clone(), payload.clone()));
            }
            self.say(index, delivery, Late::Frame(frame, payload));
        }
    }

    /// The frame that answers a message.
    fn word(&self, answer: Result<Ack, Refusal>) -> (Frame, Payload) {
        match answer {
            Ok(ack) => {
                let frame = Frame::Ack(self.log.name_guest(&ack.message_id, None));
                (frame, Payload::Ack(ack.message_id))
            }
            Err(refusal) => {
                let message = refusal.message_id.as_deref().map(|id| self.log.name_guest(id, None));
                let frame = Frame::Error {
                    status: refusal.status,
                    code: String::from(refusal.code.clone()),
                    message,
                    retry_after: refusal.retry_after.as_ref().map(ToString::to_string),
                };
                (frame, Payload::Refusal(Box::new(refusal)))
            }
        }
    }

    pub(super) fn cloud_heard_part(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        if conn.tells_part(1, self.now) {
            self.log.push(Lane::Cloud, Kind::Partial { conn: conn.cloud_number });
        }
    }

    /// The cloud ends a socket: with a close frame, or by dropping it.
    pub(super) fn end_socket(&mut self, index: usize, end: &CloudEnded) {
        let code = match end {
            CloudEnded::Drop | CloudEnded::Code(1006 | 1015, _) => return self.cloud_close(index),
            CloudEnded::Code(1005, _) => None,
            CloudEnded::Code(code, _) => Some(*code),
        };
        self.cloud_frame(index, Frame::Close(code), Payload::None);
        if let CloudEnd::Socket { closing, .. } = &mut self.conns[index].cloud
            && !std::mem::replace(closing, true)
        {
            self.push(self.now + CLOSE_TIMEOUT, Due::CloudCloses { conn: index });
        }
    }
}
