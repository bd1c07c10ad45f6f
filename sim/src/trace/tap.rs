//! Listens to one stream and writes down what it says: HTTP heads and bodies, then frames.
//!
//! The same tap listens at the client's end and at the cloud's, so whoever is under test is seen
//! the same way. It decodes a copy: what it cannot read it leaves out, and never disturbs.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use serde::Deserialize;

use super::event::{End, Endpoint, Frame, Kind, Lane};
use super::log::Log;
use super::message::Message;
use super::websocket::{CLOSE, Decoder, PING, PONG, TEXT};
use holdline_net::{Tap, TapEvent};

/// Heads longer than this are not decoded.
const HEADERS_MAX: usize = 48;

/// Bytes that make no frame yet are told once in this time, so that a trickle stays readable.
pub(crate) const PARTIAL_EVERY: Duration = Duration::from_secs(1);

/// The body of a message on either road, of an ack, of an agent's message and of an error.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Body {
    #[serde(rename = "type")]
    kind: String,
    content: Option<String>,
    message_id: Option<String>,
    sequence: Option<u64>,
    status: u16,
    code: String,
    retry_after: Option<serde_json::Value>,
}

#[derive(Default)]
enum Mode {
    #[default]
    Head,
    Body(Pending),
    Frames(Decoder),
}

struct Pending {
    left: usize,
    head: Head,
}

enum Head {
    Request(Endpoint),
    Answer { status: u16, retry_after: Option<String> },
}

#[derive(Default)]
struct Half {
    bytes: BytesMut,
    mode: Mode,
}

/// See the module's documentation.
pub struct HttpTap {
    log: Log,
    lane: Lane,
    conn: u32,
    /// What this end has written; for the client these are requests.
    wrote: Half,
    read: Half,
    /// Requests whose answers are still to come.
    asked: VecDeque<(Endpoint, Option<Message>)>,
    /// When bytes that make no frame yet were last told.
    partial_told: Option<Duration>,
    over: bool,
}

impl HttpTap {
    /// A tap on connection `conn` of `lane`.
    #[must_use]
    pub fn new(log: Log, lane: Lane, conn: u32) -> Self {
        let (wrote, read) = (Half::default(), Half::default());
        let asked = VecDeque::new();
        Self { log, lane, conn, wrote, read, asked, partial_told: None, over: false }
    }

    fn end(&mut self, end: End) {
        if !std::mem::replace(&mut self.over, true) {
            self.tell_refusal();
            self.log.push(self.lane, Kind::Ended { conn: self.conn, end });
        }
    }

    /// The head alone refuses a handshake: a client that has read it does not wait for a body that may
    /// never be whole.
    fn tell_refusal(&mut self) {
        let is_handshake = self.asked.front().is_some_and(|(door, _)| *door == Endpoint::Socket);
        if self.lane.is_client()
            && is_handshake
            && let Mode::Body(Pending { head, .. }) = std::mem::take(&mut self.read.mode)
        {
            self.whole(head, &[]);
        }
    }

    fn bytes(&mut self, outgoing: bool, bytes: &[u8]) {
        let mut half = std::mem::take(self.half(outgoing));
        half.bytes.extend_from_slice(bytes);
        let mut whole = false;
        while self.step(outgoing, &mut half) {
            whole = true;
        }
        if !outgoing && !whole && !bytes.is_empty() && matches!(half.mode, Mode::Frames(_)) {
            self.partial();
        }
        *self.half(outgoing) = half;
    }

    fn partial(&mut self) {
        let now = self.log.now();
        if self.partial_told.is_none_or(|told| now >= told + PARTIAL_EVERY) {
            self.partial_told = Some(now);
            self.log.push(self.lane, Kind::Partial { conn: self.conn });
        }
    }

    fn half(&mut self, outgoing: bool) -> &mut Half {
        if outgoing { &mut self.wrote } else { &mut self.read }
    }

    /// Takes one thing off the front; false when there is nothing whole.
    fn step(&mut self, outgoing: bool, half: &mut Half) -> bool {
        match &mut half.mode {
            Mode::Head => {
                let requests = outgoing == self.lane.is_client();
                let Some(pending) = take_head(&mut half.bytes, requests) else { return false };
                half.mode = Mode::Body(pending);
                true
            }
            Mode::Body(pending) => {
                if half.bytes.len() < pending.left {
                    return false;
                }
                let body = half.bytes.split_to(pending.left);
                let Mode::Body(Pending { head, .. }) = std::mem::take(&mut half.mode) else {
                    unreachable!("matched above");
                };
                if self.whole(head, &body) {
                    half.mode = Mode::Frames(Decoder::default());
                    // The other direction switches with it: its HTTP part is over.
                    self.half(!outgoing).mode = Mode::Frames(Decoder::default());
                }
                true
            }
            Mode::Frames(decoder) => {
                let Some(message) = decoder.next(&mut half.bytes) else { return false };
                let from_guest = outgoing == self.lane.is_client();
                let frame = self.frame(message.opcode, &message.payload, from_guest);
                let conn = self.conn;
                let kind = if outgoing {
                    Kind::FrameOut { conn, frame }
                } else {
                    Kind::FrameIn { conn, frame }
                };
                self.log.push(self.lane, kind);
                true
            }
        }
    }

    /// A whole request or answer; true when the stream becomes a WebSocket.
    fn whole(&mut self, head: Head, body: &[u8]) -> bool {
        let conn = self.conn;
        match head {
            Head::Request(endpoint) => {
                let message = match endpoint {
                    Endpoint::Messages => self.guest_message(body),
                    _ => None,
                };
                self.asked.push_back((endpoint, message));
                self.log.push(self.lane, Kind::Request { conn, endpoint, message });
                false
            }
            Head::Answer { status, retry_after } => {
                let (endpoint, message) = self.asked.pop_front().unwrap_or((Endpoint::Other, None));
                let answer = Kind::Answer { conn, endpoint, status, retry_after, message };
                self.log.push(self.lane, answer);
                status == 101
            }
        }
    }

    fn guest_message(&self, body: &[u8]) -> Option<Message> {
        let body: Body = serde_json::from_slice(body).ok()?;
        Some(self.log.name_guest(&body.message_id?, body.content.as_deref()))
    }

    fn frame(&self, opcode: u8, payload: &[u8], from_guest: bool) -> Frame {
        match opcode {
            TEXT => self.text(payload, from_guest),
            PING => Frame::Ping,
            PONG => Frame::Pong,
            CLOSE => Frame::Close(payload.first_chunk().map(|code| u16::from_be_bytes(*code))),
            other => Frame::Other(format!("opcode {other}")),
        }
    }

    fn text(&self, payload: &[u8], from_guest: bool) -> Frame {
        let beginning = || String::from_utf8_lossy(payload).chars().take(16).collect();
        let Ok(body) = serde_json::from_slice::<Body>(payload) else {
            return Frame::Other(beginning());
        };
        let named = |id: &str| self.log.name_guest(id, None);
        match (body.kind.as_str(), body.message_id) {
            ("message", Some(id)) if from_guest => {
                Frame::Message(self.log.name_guest(&id, body.content.as_deref()))
            }
            ("message", id) => match id.or(body.content) {
                Some(known_by) => Frame::Agent(self.log.name_agent(&known_by)),
                None => Frame::Other(beginning()),
            },
            ("messageReceived", Some(id)) => Frame::Ack(named(&id)),
            ("error", id) => Frame::Error {
                status: body.status,
                code: body.code,
                message: id.as_deref().map(named),
                retry_after: body.retry_after.map(|value| match value {
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                }),
            },
            _ => Frame::Other(beginning()),
        }
    }
}

impl Tap for HttpTap {
    fn on(&mut self, event: TapEvent<'_>) {
        match event {
            TapEvent::Wrote(bytes) => self.bytes(true, bytes),
            TapEvent::Read(bytes) => self.bytes(false, bytes),
            TapEvent::ReadEnd => self.end(End::Fin),
            TapEvent::Failed(io::ErrorKind::TimedOut) => self.end(End::TimedOut),
            TapEvent::Failed(_) => self.end(End::Rst),
            TapEvent::Closed { reset: false } => self.end(End::Own),
            TapEvent::Closed { reset: true } => self.end(End::OwnRst),
        }
    }
}

/// The head of a request or an answer, off the front.
fn take_head(bytes: &mut BytesMut, request: bool) -> Option<Pending> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let (consumed, head, left) = if request {
        let mut parsed = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(consumed)) = parsed.parse(bytes) else { return None };
        let endpoint = endpoint_of(parsed.method.unwrap_or(""), parsed.path.unwrap_or(""));
        (consumed, Head::Request(endpoint), length_of(parsed.headers))
    } else {
        let mut parsed = httparse::Response::new(&mut headers);
        let Ok(httparse::Status::Complete(consumed)) = parsed.parse(bytes) else { return None };
        let status = parsed.code.unwrap_or(0);
        let retry_after = header(parsed.headers, "retry-after").map(ToOwned::to_owned);
        (consumed, Head::Answer { status, retry_after }, length_of(parsed.headers))
    };
    bytes.advance(consumed);
    Some(Pending { left, head })
}

fn header<'a>(headers: &[httparse::Header<'a>], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(found.value).ok()
}

fn length_of(headers: &[httparse::Header<'_>]) -> usize {
    header(headers, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0)
}

fn endpoint_of(method: &str, path: &str) -> Endpoint {
    let path = path.split('?').next().unwrap_or(path);
    match method {
        "POST" if path.ends_with("/webchat/guests") => Endpoint::Guests,
        "POST" if path.ends_with("/messaging/guests") => Endpoint::Refresh,
        "GET" if path.ends_with("/websocket") => Endpoint::Socket,
        "POST" if path.ends_with("/messages") => Endpoint::Messages,
        "GET" if path.ends_with("/messages") => Endpoint::History,
        _ => Endpoint::Other,
    }
}
