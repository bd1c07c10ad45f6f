//! The mock cloud's pure core, with a thin twin of its handlers and its socket actor.

use std::time::Duration;

use holdline_client::core::inbound::Page;
use holdline_client::core::session::Issued;
use holdline_client::core::types::Inbound;
use holdline_mock_server::core::{
    Ack, Admission, Caller, Carriers, Core, Delivery, Effect, End as CloudEnded, Grant, Now,
    Refusal, Reply, RetryHint,
};
use holdline_mock_server::{FaultId, FaultRule};
use serde::Deserialize;

use super::conn::{Answer, Body, CloudEnd, Data, Packet, Payload, Request, What};
use super::{Due, World};
use crate::plan::Plan;
use crate::trace::{End, Endpoint, Frame, Kind, Lane};
use crate::world::WALL_AT_START;
use crate::world::cloud::{SEED_OF_CLOUD, config, kind_of};

/// How long the cloud waits for the answer to its close frame, as the mock's default is.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept, as actix-http does.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// What an answer takes beside its body, about.
const HEAD_BYTES: usize = 160;
const FRAME_BYTES: usize = 4;

/// The cloud on its host.
pub(super) struct CloudTwin {
    core: Core,
    pub(super) down: bool,
    pub(super) refuses: bool,
}

/// What is said late.
#[derive(Debug)]
pub(super) enum Late {
    Answer(Answer),
    Socket(Result<Admission, Refusal>),
    Frame(Frame, Payload),
}

/// An agent's message as the cloud writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    content: String,
    message_id: Option<String>,
}

impl CloudTwin {
    pub(super) fn new(plan: &Plan) -> Self {
        let core = Core::new(config(&plan.cloud), plan.seed ^ SEED_OF_CLOUD);
        Self { core, down: false, refuses: false }
    }

    pub(super) fn arm(&mut self, rule: FaultRule) -> FaultId {
        self.core.arm(rule)
    }

    pub(super) fn disarm(&mut self, id: FaultId) {
        self.core.disarm(id);
    }

    pub(super) fn disarm_all(&mut self) {
        self.core.disarm_all();
    }
}

impl World {
    /// One step of the core, and what it wants done.
    pub(super) fn with_core<T>(
        &mut self,
        step: impl FnOnce(&mut Core, Now, &mut Vec<Effect>) -> T,
    ) -> T {
        let now = Now { mono: self.now, wall: WALL_AT_START + self.now };
        let mut effects = Vec::new();
        let result = step(&mut self.cloud.core, now, &mut effects);
        for effect in effects {
            match effect {
                Effect::Event(event) => {
                    let kind = kind_of(&self.log, &event);
                    self.log.push(Lane::Cloud, kind);
                }
                Effect::Send { socket, text, .. } => {
                    if let Some(index) = self.seat(socket) {
                        let frame = self.agent_frame(&text);
                        self.cloud_frame(index, frame, Payload::Text(text));
                    }
                }
                Effect::End { socket, end } => {
                    if let Some(index) = self.seat(socket) {
                        self.end_socket(index, &end);
                    }
                }
            }
        }
        result
    }

    fn seat(&self, number: u64) -> Option<usize> {
        let is_it =
            |end: &CloudEnd| matches!(end, CloudEnd::Socket { socket, .. } if *socket == number);
        self.conns.iter().rposition(|conn| is_it(&conn.cloud))
    }

    fn agent_frame(&self, text: &str) -> Frame {
        let said = serde_json::from_str::<Said>(text).ok();
        let known_by = said.map(|said| said.message_id.unwrap_or(said.content));
        Frame::Agent(self.log.name_agent(&known_by.unwrap_or_default()))
    }

    /// Something arrives at the cloud's host.
    pub(super) fn at_cloud(&mut self, index: usize, packet: Packet) {
        let is_gone = matches!(self.conns[index].cloud, CloudEnd::Nothing | CloudEnd::Closed);
        match packet {
            Packet::Syn => self.accept_at_cloud(index),
            Packet::Data(_) if is_gone => self.send(index, 1, false, Packet::Rst),
            Packet::Fin if !is_gone => {
                self.cloud_lost(index, End::Fin);
                self.send(index, 1, false, Packet::Fin);
            }
            Packet::Rst => self.cloud_lost(index, End::Rst),
            Packet::Data(data) => match data.what {
                What::Request(request) => self.asked(index, request),
                What::Frame(frame, payload) => self.cloud_heard(index, frame, &payload),
                What::Partial => self.cloud_heard_part(index),
                What::Answer(_) => {}
            },
            Packet::Fin | Packet::SynAck => {}
        }
    }

    fn accept_at_cloud(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        if self.cloud.down || self.cloud.refuses {
            conn.cloud = CloudEnd::Closed;
            return self.send(index, 1, false, Packet::Rst);
        }
        conn.cloud = CloudEnd::Accepted;
        conn.cloud_number = self.log.next_conn(Lane::Cloud);
        self.send(index, 1, false, Packet::SynAck);
    }

    fn asked(&mut self, index: usize, request: Request) {
        let conn = self.conns[index].cloud_number;
        let Request { endpoint, bearer, instance, body, after, message } = request;
        self.log.push(Lane::Cloud, Kind::Request { conn, endpoint, message });
        let body = body.as_bytes();
        match endpoint {
            Endpoint::Guests => {
                let reply = self
                    .with_core(|core, now, out| core.create_guest(now, Some(&bearer), body, out));
                self.reply(index, reply, granted);
            }
            Endpoint::Refresh => {
                let reply =
                    self.with_core(|core, now, out| core.refresh(now, Some(&bearer), body, out));
                self.reply(index, reply, granted);
            }
            Endpoint::Messages => {
                let caller = Caller::Rest { instance: &instance, token: Some(&bearer) };
                let reply = self.with_core(|core, now, out| core.message(now, caller, body, out));
                self.reply(index, reply, |ack: Ack| Body::Acked(ack.message_id));
            }
            Endpoint::History => {
                let after = after.to_string();
                let reply = self.with_core(|core, now, out| {
                    core.history(now, &instance, Some(&bearer), Some(&after), out)
                });
                self.reply(index, reply, page);
            }
            Endpoint::Socket => {
                let carriers = Carriers { bearer: Some(bearer), ..Carriers::default() };
                let reply =
                    self.with_core(|core, now, out| core.admit(now, &instance, &carriers, out));
                match reply {
                    Reply::Silence | Reply::Instead(_) => {}
                    Reply::Close(_) => self.cloud_close(index),
                    Reply::Send { answer, delivery } => {
                        self.say(index, delivery, Late::Socket(answer));
                    }
                }
            }
            Endpoint::Other => {}
        }
    }

    fn reply<T>(&mut self, index: usize, reply: Reply<T>, body: impl FnOnce(T) -> Body) {
        match reply {
            Reply::Silence | Reply::Instead(_) => {}
            Reply::Close(_) => self.cloud_close(index),
            Reply::Send { answer, delivery } => {
                let answer = match answer {
                    Ok(answer) => Answer { status: 200, retry_after: None, body: body(answer) },
                    Err(refusal) => refused(&refusal),
                };
                self.say(index, delivery, Late::Answer(answer));
            }
        }
    }

    fn say(&mut self, index: usize, delivery: Delivery, late: Late) {
        if delivery.delay.is_zero() {
            self.answer_late(index, late);
        } else {
            let at = self.now + delivery.delay;
            self.push(at, Due::Answer { conn: index, late: Box::new(late) });
        }
    }

    pub(super) fn answer_late(&mut self, index: usize, late: Late) {
        match (late, self.conns[index].cloud) {
            (Late::Answer(answer), CloudEnd::Accepted) => self.answer(index, answer),
            (Late::Socket(Err(refusal)), CloudEnd::Accepted) => {
                self.answer(index, refused(&refusal));
            }
            (Late::Socket(Ok(Admission { guest, .. })), CloudEnd::Accepted) => {
                let socket = self.with_core(|core, _, out| core.open_socket(guest, out));
                self.conns[index].cloud = CloudEnd::Socket { guest, socket, closing: false };
                let answer = Answer { status: 101, retry_after: None, body: Body::Upgraded };
                self.answer(index, answer);
            }
            (Late::Frame(frame, payload), CloudEnd::Socket { closing: false, .. }) => {
                self.cloud_frame(index, frame, payload);
            }
            // Whoever asked has gone.
            _ => {}
        }
    }

    fn answer(&mut self, index: usize, answer: Answer) {
        let conn = &self.conns[index];
        let (endpoint, message) = conn.asked;
        let (status, retry_after) = (answer.status, answer.retry_after.clone());
        let told = Kind::Answer { conn: conn.cloud_number, endpoint, status, retry_after, message };
        self.log.push(Lane::Cloud, told);
        let body_bytes = match &answer.body {
            Body::Page(page) => page.messages.iter().map(|said| said.text.len() + 120).sum(),
            _ => 120,
        };
        if status != 101 {
            let requests = conn.requests;
            let due = Due::KeptLongEnough { conn: index, requests };
            self.push(self.now + KEEP_ALIVE, due);
        }
        let data = Box::new(Data { bytes: HEAD_BYTES + body_bytes, what: What::Answer(answer) });
        self.send(index, 1, false, Packet::Data(data));
    }

    fn cloud_frame(&mut self, index: usize, frame: Frame, payload: Payload) {
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

    fn cloud_heard(&mut self, index: usize, frame: Frame, payload: &Payload) {
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
            let raw = text.as_bytes();
            let reply = self.with_core(|core, now, out| core.message(now, caller, raw, out));
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
                    retry_after: refusal.retry_after.as_ref().map(hint),
                };
                (frame, Payload::Refusal(Box::new(refusal)))
            }
        }
    }

    fn cloud_heard_part(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        if conn.tells_part(1, self.now) {
            self.log.push(Lane::Cloud, Kind::Partial { conn: conn.cloud_number });
        }
    }

    /// The cloud ends a socket: with a close frame, or by dropping it.
    fn end_socket(&mut self, index: usize, end: &CloudEnded) {
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

    /// An answered connection was idle for long.
    pub(super) fn kept_long_enough(&mut self, index: usize, requests: u32) {
        let conn = &self.conns[index];
        if conn.cloud == CloudEnd::Accepted && conn.requests == requests {
            self.cloud_close(index);
        }
    }

    /// The answer to the cloud's close frame has not come.
    pub(super) fn cloud_closes(&mut self, index: usize) {
        if matches!(self.conns[index].cloud, CloudEnd::Socket { closing: true, .. }) {
            self.cloud_close(index);
        }
    }

    /// This end lets go.
    pub(super) fn cloud_close(&mut self, index: usize) {
        if self.cloud_over(index, End::Own) {
            self.send(index, 1, false, Packet::Fin);
        }
    }

    /// The other end, or the kernel, did.
    pub(super) fn cloud_lost(&mut self, index: usize, end: End) {
        self.cloud_over(index, end);
    }

    fn cloud_over(&mut self, index: usize, end: End) -> bool {
        let conn = self.conns[index].cloud_number;
        let before = std::mem::replace(&mut self.conns[index].cloud, CloudEnd::Closed);
        if matches!(before, CloudEnd::Nothing | CloudEnd::Closed) {
            return false;
        }
        if let CloudEnd::Socket { socket, .. } = before {
            self.with_core(|core, _, out| core.close_socket(socket, out));
        }
        self.log.push(Lane::Cloud, Kind::Ended { conn, end });
        true
    }

    /// Its process dies; its memory is kept.
    pub(super) fn crash_cloud(&mut self) {
        self.cloud.down = true;
        for index in 0..self.conns.len() {
            if self.conns[index].cloud != CloudEnd::Nothing {
                self.cloud_close(index);
            }
        }
    }
}

/// A `Retry-After` as a header or a frame carries it.
pub(super) fn hint(hint: &RetryHint) -> String {
    match hint {
        RetryHint::Seconds(seconds) => seconds.to_string(),
        RetryHint::Text(text) => String::from(text.clone()),
    }
}

fn refused(refusal: &Refusal) -> Answer {
    Answer {
        status: refusal.status,
        retry_after: refusal.retry_after.as_ref().map(hint),
        body: Body::Refused(String::from(refusal.code.clone())),
    }
}

fn granted(grant: Grant) -> Body {
    let Grant { webchat_instance_id: instance, token, expires_in } = grant;
    Body::Granted(Issued { instance, token, expires_in_s: Some(expires_in) })
}

fn page(page: holdline_mock_server::core::Page) -> Body {
    let messages = page.messages.into_iter().map(|said| Inbound {
        id: said.message_id,
        sequence: Some(said.sequence),
        text: said.content,
    });
    Body::Page(Page { messages: messages.collect(), more: page.more })
}
