//! What the engine wants, done at once.

use holdline_client::core::credentials::Credentials;
use holdline_client::core::engine::{self, Output};
use holdline_client::core::profile::articles::codec;
use uuid::Uuid;

use super::{Client, Op, Shell};
use crate::trace::{Endpoint, Frame, Message};
use crate::world::pure::conn::{Payload, Request};

impl Client {
    pub(super) fn perform(&mut self, output: Output, shell: &mut impl Shell) {
        match output {
            Output::Call(request) => shell.op(self.call(request)),
            Output::Cancel(op) => shell.op(Op::Cancel(op)),
            Output::Write { socket, frame: engine::Frame::Ping } => {
                shell.op(Op::Write(socket, Frame::Ping, Payload::None));
            }
            Output::Write { socket, frame: engine::Frame::Message { id, text } } => {
                let message = self.named(id, &text);
                let payload = Payload::Text(codec::message_body(id, &text));
                shell.op(Op::Write(socket, Frame::Message(message), payload));
            }
            Output::Close { socket, code } => shell.op(Op::Close(socket, code)),
            Output::Record(entry) => shell.record(entry),
            Output::Publish(event) => shell.publish(event),
            Output::Left => shell.left(),
            Output::Finished => self.finished = true,
        }
    }

    fn call(&self, request: engine::Request) -> Op {
        let op = request.op();
        let request = match request {
            engine::Request::Create { .. } => {
                let (token, body) = (self.oauth_token.clone(), self.guest_body.clone());
                let nobody = Credentials { generation: 0, instance: String::new(), token };
                Request { body, ..blank(Endpoint::Guests, nobody) }
            }
            engine::Request::Refresh { guest, .. } => blank(Endpoint::Refresh, guest),
            engine::Request::Dial { guest, .. } => blank(Endpoint::Socket, guest),
            engine::Request::History { guest, after, .. } => {
                Request { after, ..blank(Endpoint::History, guest) }
            }
            engine::Request::Post { guest, id, text, .. } => {
                let (message, posts) = (Some(self.named(id, &text)), Some(id));
                let body = codec::message_body(id, &text);
                Request { body, message, posts, ..blank(Endpoint::Messages, guest) }
            }
        };
        Op::Ask(op, Box::new(request))
    }

    fn named(&self, id: Uuid, text: &str) -> Message {
        self.log.name_guest(&id.to_string(), Some(text))
    }
}

fn blank(endpoint: Endpoint, who: Credentials) -> Request {
    let Credentials { token: bearer, instance, .. } = who;
    let (body, after, message, posts) = (String::new(), 0, None, None);
    Request { endpoint, bearer, instance, body, after, message, posts }
}
