//! What the client sends, and how its end of a connection closes.

use std::time::Duration;

use crate::trace::{End, Endpoint, Frame, Kind, Lane, Message};
use crate::world::pure::conn::{ClientEnd, Conn, Data, Packet, Payload, Purpose, Request, What};
use crate::world::pure::{Due, World};

/// Longest time a closing handshake may take, as the client's transport has it.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// What a request takes beside its body, and a frame beside its payload, about.
const HEAD_BYTES: usize = 220;
const FRAME_BYTES: usize = 8;

impl World {
    pub(super) fn ask(
        &mut self,
        purpose: Purpose,
        endpoint: Endpoint,
        (bearer, instance): (String, String),
        body: String,
        after: u64,
        message: Option<Message>,
    ) {
        let Some(running) = &mut self.client.running else { return };
        let bytes = HEAD_BYTES + body.len();
        let request = Request { endpoint, bearer, instance, body, after, message };
        let request = Box::new(Data { bytes, what: What::Request(request) });
        while let Some(index) = running.idle.pop() {
            let conn = &mut self.conns[index];
            if conn.client == ClientEnd::Idle {
                running.under_way.push((purpose, index));
                conn.reuse(purpose, request);
                return self.client_request(index);
            }
        }
        let number = self.log.next_conn(Lane::Client);
        self.log.push(Lane::Client, Kind::Connecting { conn: number });
        let index = self.conns.len();
        running.under_way.push((purpose, index));
        self.conns.push(Conn::new(number, purpose, request));
        self.send(index, 0, true, Packet::Syn);
    }

    pub(super) fn client_request(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        conn.client = ClientEnd::Asking;
        conn.requests += 1;
        let (endpoint, message) = conn.asked.clone();
        let request = conn.request.take();
        self.log.push(Lane::Client, Kind::Request { conn: conn.number, endpoint, message });
        if let Some(request) = request {
            self.send(index, 0, true, Packet::Data(request));
        }
    }

    pub(super) fn cancel(&mut self, purpose: Purpose) {
        let Some(running) = &mut self.client.running else { return };
        if let Some(index) = running.take(purpose) {
            self.client_close(index);
        }
    }

    pub(super) fn write(&mut self, socket: u64, frame: Frame, payload: Payload) {
        let Some(running) = &self.client.running else { return };
        let Some(index) = running.socket(socket) else { return };
        if matches!(self.conns[index].client, ClientEnd::Socket(_)) {
            self.client_frame(index, frame, payload);
        }
    }

    pub(super) fn client_frame(&mut self, index: usize, frame: Frame, payload: Payload) {
        let conn = self.conns[index].number;
        self.log.push(Lane::Client, Kind::FrameOut { conn, frame: frame.clone() });
        let bytes = match &payload {
            Payload::Text(text) => text.len(),
            _ => 0,
        } + FRAME_BYTES;
        let data = Box::new(Data { bytes, what: What::Frame(frame, payload) });
        self.send(index, 0, true, Packet::Data(data));
    }

    /// With a code, a closing handshake; without one, the connection is dropped.
    pub(super) fn close_socket(&mut self, socket: u64, code: Option<u16>) {
        let Some(running) = &mut self.client.running else { return };
        let Some(index) = running.socket(socket) else { return };
        match code {
            Some(code) if matches!(self.conns[index].client, ClientEnd::Socket(_)) => {
                self.client_frame(index, Frame::Close(Some(code)), Payload::None);
                self.conns[index].client = ClientEnd::Closing(socket);
                self.push(self.now + CLOSE_WITHIN, Due::ClientCloses { conn: index });
            }
            Some(_) => {}
            None => {
                running.sockets.retain(|(_, conn)| *conn != index);
                self.client_close(index);
            }
        }
    }

    /// The answer to our close frame has not come.
    pub(in crate::world::pure) fn client_closes(&mut self, index: usize) {
        if matches!(self.conns[index].client, ClientEnd::Closing(_)) {
            self.client_close(index);
            self.forget_socket(index);
            self.deliver();
        }
    }

    pub(super) fn forget_socket(&mut self, index: usize) {
        if let Some(running) = &mut self.client.running {
            running.sockets.retain(|(_, conn)| *conn != index);
        }
    }

    /// This end lets go.
    pub(super) fn client_close(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        let number = conn.number;
        let kind = match std::mem::replace(&mut conn.client, ClientEnd::Closed) {
            ClientEnd::Closed => return,
            ClientEnd::Connecting => {
                Kind::ConnectFailed { conn: number, error: "given up".to_owned() }
            }
            _ => Kind::Ended { conn: number, end: End::Own },
        };
        self.log.push(Lane::Client, kind);
        self.send(index, 0, true, Packet::Fin);
    }
}
