//! What arrives at a client, and what its transport makes of it.

use std::io;

use bytes::Bytes;
use holdline_client::Notice;
use holdline_client::core::close_codes;
use holdline_client::core::engine;
use holdline_client::core::outbox;
use holdline_client::core::profile::articles::codec;
use holdline_client::core::request_error::RequestError;
use holdline_client::core::session::{self, Incoming, Op};

use super::Mail;
use crate::trace::event::ConnectError;
use crate::trace::{End, Endpoint, Frame, Kind};
use crate::world::pure::World;
use crate::world::pure::conn::{Answer, Body, ClientEnd, Conn, Packet, Payload, What};

impl World {
    /// Something arrives at the client's machine.
    pub(in crate::world::pure) fn at_client(&mut self, index: usize, packet: Packet) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        match (conn.client, packet) {
            (ClientEnd::Closed, Packet::Data(_)) => self.send(index, 0, true, Packet::Rst),
            (ClientEnd::Closed, _) => {}
            (ClientEnd::Connecting, Packet::SynAck) => {
                let number = conn.number;
                self.log.push(lane, Kind::Connected { conn: number });
                self.client_request(index);
            }
            (_, Packet::Fin) => {
                self.client_lost(index, End::Fin);
                self.send(index, 0, true, Packet::Fin);
            }
            (_, Packet::Rst) => self.client_lost(index, End::Rst),
            (_, Packet::Data(data)) => match data.what {
                What::Answer(answer) => self.answered(index, answer),
                What::Frame(frame, payload) => self.received(index, frame, payload),
                What::Partial => self.received_part(index),
                What::Request(_) => {}
            },
            (_, Packet::Syn | Packet::SynAck) => {}
        }
    }

    /// The connection is over, from the other side or from below; its owner hears of it.
    pub(in crate::world::pure) fn client_lost(&mut self, index: usize, end: End) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        let (number, owner) = (conn.number, conn.owner);
        let before = std::mem::replace(&mut conn.client, ClientEnd::Closed);
        let kind = match (before, end) {
            (ClientEnd::Closed, _) => return,
            (ClientEnd::Connecting, End::TimedOut) => Kind::ConnectFailed {
                conn: number,
                error: ConnectError::Io(io::ErrorKind::TimedOut),
            },
            (ClientEnd::Connecting, End::Own) => {
                Kind::ConnectFailed { conn: number, error: ConnectError::GivenUp }
            }
            (ClientEnd::Connecting, _) => Kind::ConnectFailed {
                conn: number,
                error: ConnectError::Io(io::ErrorKind::ConnectionRefused),
            },
            (_, end) => Kind::Ended { conn: number, end },
        };
        self.log.push(lane, kind);
        if end == End::Own {
            self.send(index, 0, true, Packet::Fin);
        }
        match before {
            ClientEnd::Connecting | ClientEnd::Asking => {
                self.end_request(index, Err(RequestError::Network));
            }
            ClientEnd::Socket(socket) => {
                self.forget_socket(index, socket);
                self.tell_session(owner, session::Input::Ended(socket, None));
            }
            ClientEnd::Closing(socket) => self.forget_socket(index, socket),
            ClientEnd::Idle | ClientEnd::Closed => {}
        }
    }

    fn answered(&mut self, index: usize, answer: Answer) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        if conn.client != ClientEnd::Asking {
            return;
        }
        let owner = conn.owner;
        let (endpoint, message) = conn.asked;
        let Answer { status, retry_after, body } = answer;
        let told = Kind::Answer {
            conn: conn.number,
            endpoint,
            status,
            retry_after: retry_after.clone(),
            message,
        };
        self.log.push(lane, told);
        if let (Body::Upgraded, Op::Dial(op)) = (&body, conn.op) {
            conn.client = ClientEnd::Socket(op);
            let open = self.open(owner);
            open.take(Op::Dial(op));
            open.sockets.push((op, index));
            return self.tell_session(owner, session::Input::Dialed(op, Ok(())));
        }
        let is_handshake = endpoint == Endpoint::Socket;
        // A handshake's connection is good for nothing else.
        if is_handshake {
            self.client_close(index);
        } else {
            self.conns[index].client = ClientEnd::Idle;
            if let Some(process) = self.processes.get_mut(&owner.process) {
                process.idle.push(index);
            }
        }
        let result = match body {
            Body::Refused(code) if is_handshake || !(200..300).contains(&status) => {
                let code = if is_handshake { String::new() } else { code };
                Err(RequestError::Status { status, code, retry_after })
            }
            // A success that is none of what the protocol promises.
            Body::Refused(_) => Err(RequestError::Malformed),
            body => Ok(body),
        };
        self.end_request(index, result);
    }

    fn end_request(&mut self, index: usize, result: Result<Body, RequestError>) {
        let Conn { owner, op, posts, .. } = self.conns[index];
        if self.open(owner).take(op).is_none() {
            return;
        }
        let issued = |result: Result<Body, RequestError>| match result {
            Ok(Body::Granted(issued)) => Ok(issued),
            other => Err(other.err().unwrap_or(RequestError::Malformed)),
        };
        let input: engine::Input = match op {
            Op::Create(op) => session::Input::Created(op, issued(result)).into(),
            Op::Refresh(op) => session::Input::Refreshed(op, issued(result)).into(),
            Op::History(op) => {
                let page = match result {
                    Ok(Body::Page(page)) => Ok(page),
                    other => Err(other.err().unwrap_or(RequestError::Malformed)),
                };
                session::Input::History(op, page).into()
            }
            Op::Dial(op) => {
                let fault = result.err().unwrap_or(RequestError::Malformed);
                session::Input::Dialed(op, Err(fault)).into()
            }
            Op::Post(attempt) => {
                let result = match result {
                    Ok(Body::Acked(acked)) if acked.parse().ok() == posts => Ok(()),
                    other => Err(other.err().unwrap_or(RequestError::Malformed)),
                };
                outbox::Input::Posted { attempt, result }.into()
            }
        };
        self.tell(owner, Mail::Input(input));
    }

    fn received(&mut self, index: usize, frame: Frame, payload: Payload) {
        let lane = self.lane(index);
        let conn = &self.conns[index];
        let (number, owner, end) = (conn.number, conn.owner, conn.client);
        let is_ping = frame == Frame::Ping;
        let closes = if let Frame::Close(code) = &frame { Some(*code) } else { None };
        self.log.push(lane, Kind::FrameIn { conn: number, frame });
        match (end, closes) {
            (ClientEnd::Socket(socket), None) => {
                if is_ping {
                    self.client_frame(index, Frame::Pong, Payload::None);
                }
                self.tell_session(owner, session::Input::Frame(socket, incoming(payload)));
            }
            (ClientEnd::Socket(socket), Some(code)) => {
                let code = code.unwrap_or(close_codes::NO_STATUS);
                let answer =
                    if code == close_codes::NO_STATUS { close_codes::NORMAL } else { code };
                self.client_frame(index, Frame::Close(Some(answer)), Payload::None);
                self.client_close(index);
                self.forget_socket(index, socket);
                self.tell_session(owner, session::Input::Ended(socket, Some(code)));
            }
            (ClientEnd::Closing(socket), Some(_)) => {
                self.client_close(index);
                self.forget_socket(index, socket);
            }
            _ => {}
        }
    }

    fn received_part(&mut self, index: usize) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        if !conn.tells_part(0, self.now) {
            return;
        }
        let (number, owner, end) = (conn.number, conn.owner, conn.client);
        self.log.push(lane, Kind::Partial { conn: number });
        if let ClientEnd::Socket(socket) = end {
            self.tell_session(owner, session::Input::Frame(socket, Incoming::Alive));
        }
    }
}

/// What the client's transport makes of a frame.
fn incoming(payload: Payload) -> Incoming {
    match payload {
        Payload::None => Incoming::Alive,
        Payload::Text(text) => codec::frame(&Bytes::from(text)),
        Payload::Ack(id) => match id.parse() {
            Ok(id) => Incoming::Ack { id },
            Err(_) => Incoming::Odd(Notice::MalformedFrame("acknowledges no message id".into())),
        },
        Payload::Refusal(refusal) => Incoming::Error {
            id: refusal.message_id.as_deref().and_then(|id| id.parse().ok()),
            fault: RequestError::Status {
                status: refusal.status,
                code: String::from(refusal.code.clone()),
                retry_after: refusal.retry_after.as_ref().map(ToString::to_string),
            },
        },
    }
}
