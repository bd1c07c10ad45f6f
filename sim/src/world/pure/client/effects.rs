//! What the machines want done, done at once: a twin of `carry_out` in the client's actors.

use holdline_client::core::outbox;
use holdline_client::core::profile::articles::codec;
use holdline_client::core::session::{self, Credentials, Op as Asked};
use holdline_client::{Door, Entry, Event, Outcome};

use super::{Client, Mail, Op, Shell};
use crate::trace::{Endpoint, Frame};
use crate::world::pure::conn::{Payload, Purpose, Request};

impl Client {
    pub(super) fn of_session(&mut self, effect: session::Effect, shell: &mut impl Shell) {
        use session::Effect;
        match effect {
            Effect::Create(op) => {
                let (token, body) = (self.oauth_token.clone(), self.guest_body.clone());
                let who = Credentials { generation: 0, instance: String::new(), token };
                let request = Request { body, ..request(Endpoint::Guests, who) };
                shell.op(ask(Purpose::Create(op), request));
            }
            Effect::Refresh(op, who) => {
                shell.op(ask(Purpose::Refresh(op), request(Endpoint::Refresh, who)));
            }
            Effect::History(op, who, after) => {
                let request = Request { after, ..request(Endpoint::History, who) };
                shell.op(ask(Purpose::History(op), request));
            }
            Effect::Dial(op, who) => {
                shell.op(ask(Purpose::Dial(op), request(Endpoint::Socket, who)));
            }
            Effect::Cancel(op) => shell.op(Op::Cancel(match op {
                Asked::Create(op) => Purpose::Create(op),
                Asked::Refresh(op) => Purpose::Refresh(op),
                Asked::Dial(op) => Purpose::Dial(op),
                Asked::History(op) => Purpose::History(op),
            })),
            Effect::Ping(socket) => shell.op(Op::Write(socket, Frame::Ping, Payload::None)),
            Effect::Transmit { socket, id, text } => {
                let message = self.named(id, &text);
                let payload = Payload::Text(codec::message_body(id, &text));
                shell.op(Op::Write(socket, Frame::Message(message), payload));
            }
            Effect::Close(socket, code) => shell.op(Op::Close(socket, code)),
            Effect::Link(link) => self.put(Mail::Outbox(outbox::Input::Link(link))),
            Effect::Credentials(guest) => {
                self.put(Mail::Outbox(outbox::Input::Credentials(guest)));
            }
            Effect::Acked(id) => self.put(Mail::Outbox(outbox::Input::Acked(id))),
            Effect::MessageFault(id, fault) => {
                self.put(Mail::Outbox(outbox::Input::Refused(id, fault)));
            }
            Effect::ConversationGone => self.put(Mail::Outbox(outbox::Input::ConversationGone)),
            Effect::State(state) => shell.publish(Event::State(state)),
            Effect::Show(message) => shell.publish(Event::Inbound(message)),
            Effect::Notice(notice) => shell.publish(Event::Notice(notice)),
            Effect::SaveCursor(sequence) => shell.record(Entry::Cursor { sequence }),
            Effect::SaveSeen(id, at_wall) => shell.record(Entry::Seen { id, at_wall }),
            Effect::SaveGuest(guest) => shell.record(Entry::Guest {
                instance: guest.instance,
                token: guest.token,
                expires_at_wall: guest.expires_at,
            }),
            Effect::SaveNotBefore(door, until_wall) => {
                shell.record(Entry::NotBefore { door, until_wall });
            }
            Effect::SaveBackoff { failures, until } => {
                shell.record(Entry::Backoff { failures, until_wall: until });
            }
            Effect::Finished => self.finished = true,
        }
    }

    pub(super) fn of_outbox(&mut self, effect: outbox::Effect, shell: &mut impl Shell) {
        use outbox::Effect;
        match effect {
            Effect::Transmit { socket, id, text } => {
                self.put(Mail::Session(session::Input::Transmit { socket, id, text }));
            }
            Effect::Post { attempt, credentials, id, text } => {
                let message = self.named(id, &text);
                let body = codec::message_body(id, &text);
                let message = Some(message);
                let request = Request { body, message, ..request(Endpoint::Messages, credentials) };
                shell.op(ask(Purpose::Post { attempt, id }, request));
            }
            Effect::CancelPost { attempt } => shell.op(Op::CancelPost(attempt)),
            Effect::Settle { id, outcome } => {
                shell.record(Entry::Settled { id });
                shell.publish(match outcome {
                    Outcome::Delivered => Event::Delivered { id },
                    Outcome::Failed(reason) => Event::Failed { id, reason },
                });
            }
            Effect::TokenRejected(generation) => {
                self.put(Mail::Session(session::Input::TokenRejected(generation)));
            }
            Effect::TokenAccepted => self.put(Mail::Session(session::Input::TokenAccepted)),
            Effect::GuestGone(instance) => {
                self.put(Mail::Session(session::Input::GuestGone(instance)));
            }
            Effect::Notice(notice) => shell.publish(Event::Notice(notice)),
            Effect::NotBefore(until_wall) => {
                shell.record(Entry::NotBefore { door: Door::Messages, until_wall });
            }
            Effect::Left => {
                self.leave(shell);
                self.left = true;
            }
        }
    }
}

fn ask(purpose: Purpose, request: Request) -> Op {
    Op::Ask(purpose, Box::new(request))
}

fn request(endpoint: Endpoint, who: Credentials) -> Request {
    let Credentials { token: bearer, instance, .. } = who;
    Request { endpoint, bearer, instance, body: String::new(), after: 0, message: None }
}
