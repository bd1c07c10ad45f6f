//! What a client sends, and how its end of a connection closes.

use std::time::Duration;

use holdline_client::core::session::Op;

use super::{ClientRef, Mail};
use crate::trace::event::ConnectError;
use crate::trace::{End, Frame, Kind};
use crate::world::pure::conn::{ClientEnd, Conn, Data, Packet, Payload, Request, What};
use crate::world::pure::{Due, World};

/// Longest time a closing handshake may take, as the client's transport has it.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// What a request takes beside its body, and a frame beside its payload, about.
const HEAD_BYTES: usize = 220;
const FRAME_BYTES: usize = 8;

impl World {
    pub(super) fn ask(&mut self, owner: ClientRef, op: Op, request: Request) {
        let Some(process) = self.processes.get_mut(&owner.process) else { return };
        let bytes = HEAD_BYTES + request.body.len();
        let request = Box::new(Data { bytes, what: What::Request(request) });
        while let Some(index) = process.idle.pop() {
            let conn = &mut self.conns[index];
            if conn.client == ClientEnd::Idle {
                conn.reuse(owner, op, request);
                self.open(owner).under_way.push((op, index));
                return self.client_request(index);
            }
        }
        let lane = process.lane;
        let number = self.log.next_conn(lane);
        self.log.push(lane, Kind::Connecting { conn: number });
        let index = self.conns.len();
        self.open(owner).under_way.push((op, index));
        self.conns.push(Conn::new(number, owner, op, request));
        self.send(index, 0, true, Packet::Syn);
    }

    pub(super) fn client_request(&mut self, index: usize) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        conn.client = ClientEnd::Asking;
        conn.requests += 1;
        let (endpoint, message) = conn.asked;
        let request = conn.request.take();
        self.log.push(lane, Kind::Request { conn: conn.number, endpoint, message });
        if let Some(request) = request {
            self.send(index, 0, true, Packet::Data(request));
        }
    }

    pub(super) fn write(&mut self, owner: ClientRef, socket: u64, frame: Frame, payload: Payload) {
        let Some(index) = self.open(owner).socket(socket) else { return };
        if matches!(self.conns[index].client, ClientEnd::Socket(_)) {
            self.client_frame(index, frame, payload);
        }
    }

    pub(super) fn client_frame(&mut self, index: usize, frame: Frame, payload: Payload) {
        let conn = self.conns[index].number;
        self.log.push(self.lane(index), Kind::FrameOut { conn, frame: frame.clone() });
        let bytes = match &payload {
            Payload::Text(text) => text.len(),
            _ => 0,
        } + FRAME_BYTES;
        let data = Box::new(Data { bytes, what: What::Frame(frame, payload) });
        self.send(index, 0, true, Packet::Data(data));
    }

    pub(super) fn close_socket(&mut self, owner: ClientRef, socket: u64, code: Option<u16>) {
        let Some(index) = self.open(owner).socket(socket) else { return };
        match code {
            Some(code) if matches!(self.conns[index].client, ClientEnd::Socket(_)) => {
                self.client_frame(index, Frame::Close(Some(code)), Payload::None);
                self.conns[index].client = ClientEnd::Closing(socket);
                self.push(self.now + CLOSE_WITHIN, Due::ClientCloses { conn: index });
            }
            Some(_) => {}
            None => {
                self.client_close(index);
                self.forget_socket(index, socket);
            }
        }
    }

    /// The answer to our close frame has not come.
    pub(in crate::world::pure) fn client_closes(&mut self, index: usize) {
        if let ClientEnd::Closing(socket) = self.conns[index].client {
            self.client_close(index);
            self.forget_socket(index, socket);
        }
    }

    pub(super) fn forget_socket(&mut self, index: usize, socket: u64) {
        let owner = self.conns[index].owner;
        self.open(owner).sockets.retain(|(_, conn)| *conn != index);
        self.tell(owner, Mail::Over(socket));
    }

    /// This end lets go.
    pub(in crate::world::pure) fn client_close(&mut self, index: usize) {
        let lane = self.lane(index);
        let conn = &mut self.conns[index];
        let number = conn.number;
        let kind = match std::mem::replace(&mut conn.client, ClientEnd::Closed) {
            ClientEnd::Closed => return,
            ClientEnd::Connecting => {
                Kind::ConnectFailed { conn: number, error: ConnectError::GivenUp }
            }
            _ => Kind::Ended { conn: number, end: End::Own },
        };
        self.log.push(lane, kind);
        self.send(index, 0, true, Packet::Fin);
    }
}
