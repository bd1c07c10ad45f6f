//! What the machines want done, done at once: a twin of `carry_out` in the client's actors.

use holdline_client::core::outbox;
use holdline_client::core::session::{self, Credentials, Op};
use holdline_client::transport::wire;
use holdline_client::{Door, Entry, Event, Outcome};
use uuid::Uuid;

use super::Mail;
use crate::trace::{Endpoint, Frame, Message};
use crate::world::pure::World;
use crate::world::pure::conn::{Payload, Purpose};

impl World {
    pub(super) fn of_session(&mut self, effect: session::Effect) {
        use session::Effect;
        match effect {
            Effect::Create(op) => {
                let body = self.client.guest_body.clone();
                let bearer = self.client.config.oauth_token.clone();
                let purpose = Purpose::Create(op);
                self.ask(purpose, Endpoint::Guests, (bearer, String::new()), body, 0, None);
            }
            Effect::Refresh(op, guest) => {
                let who = who(guest);
                self.ask(Purpose::Refresh(op), Endpoint::Refresh, who, String::new(), 0, None);
            }
            Effect::History(op, guest, after) => {
                let who = who(guest);
                self.ask(Purpose::History(op), Endpoint::History, who, String::new(), after, None);
            }
            Effect::Dial(op, guest) => {
                let who = who(guest);
                self.ask(Purpose::Dial(op), Endpoint::Socket, who, String::new(), 0, None);
            }
            Effect::Cancel(op) => self.cancel(match op {
                Op::Create(op) => Purpose::Create(op),
                Op::Refresh(op) => Purpose::Refresh(op),
                Op::Dial(op) => Purpose::Dial(op),
                Op::History(op) => Purpose::History(op),
            }),
            Effect::Ping(socket) => self.write(socket, Frame::Ping, Payload::None),
            Effect::Transmit { socket, id, text } => {
                let message = self.named(id, &text);
                let payload = Payload::Text(wire::message_body(id, &text));
                self.write(socket, Frame::Message(message), payload);
            }
            Effect::Close(socket, code) => self.close_socket(socket, code),
            Effect::Link(link) => self.mail_outbox(outbox::Input::Link(link)),
            Effect::Credentials(guest) => self.mail_outbox(outbox::Input::Credentials(guest)),
            Effect::Acked(id) => self.mail_outbox(outbox::Input::Acked(id)),
            Effect::MessageFault(id, fault) => {
                self.mail_outbox(outbox::Input::Refused(id, fault));
            }
            Effect::ConversationGone => self.mail_outbox(outbox::Input::ConversationGone),
            Effect::State(state) => self.publish(Event::State(state)),
            Effect::Show(message) => self.publish(Event::Inbound(message)),
            Effect::Notice(notice) => self.publish(Event::Notice(notice)),
            Effect::SaveCursor(sequence) => self.record(&Entry::Cursor { sequence }),
            Effect::SaveSeen(id, at_wall) => self.record(&Entry::Seen { id, at_wall }),
            Effect::SaveGuest(guest) => self.record(&Entry::Guest {
                instance: guest.instance,
                token: guest.token,
                expires_at_wall: guest.expires_at,
            }),
            Effect::SaveNotBefore(door, until_wall) => {
                self.record(&Entry::NotBefore { door, until_wall });
            }
            Effect::SaveBackoff { failures, until } => {
                self.record(&Entry::Backoff { failures, until_wall: until });
            }
            Effect::Finished => {
                if let Some(running) = &mut self.client.running {
                    running.finished = true;
                }
            }
        }
    }

    pub(super) fn of_outbox(&mut self, effect: outbox::Effect) {
        use outbox::Effect;
        match effect {
            Effect::Transmit { socket, id, text } => {
                self.mail_session(session::Input::Transmit { socket, id, text });
            }
            Effect::Post { attempt, credentials, id, text } => {
                let message = self.named(id, &text);
                let body = wire::message_body(id, &text);
                let purpose = Purpose::Post { attempt, id };
                let who = who(credentials);
                self.ask(purpose, Endpoint::Messages, who, body, 0, Some(message));
            }
            Effect::CancelPost { attempt } => {
                let Some(running) = &self.client.running else { return };
                let is_it =
                    |of: &Purpose| matches!(of, Purpose::Post { attempt: a, .. } if *a == attempt);
                let found = running.under_way.iter().find(|(of, _)| is_it(of));
                if let Some((purpose, _)) = found.copied() {
                    self.cancel(purpose);
                }
            }
            Effect::Settle { id, outcome } => {
                self.record(&Entry::Settled { id });
                self.publish(match outcome {
                    Outcome::Delivered => Event::Delivered { id },
                    Outcome::Failed(reason) => Event::Failed { id, reason },
                });
            }
            Effect::TokenRejected(generation) => {
                self.mail_session(session::Input::TokenRejected(generation));
            }
            Effect::TokenAccepted => self.mail_session(session::Input::TokenAccepted),
            Effect::GuestGone(instance) => {
                self.mail_session(session::Input::GuestGone(instance));
            }
            Effect::Notice(notice) => self.publish(Event::Notice(notice)),
            Effect::NotBefore(until_wall) => {
                self.record(&Entry::NotBefore { door: Door::Messages, until_wall });
            }
            // Only a leader that hands over leaves.
            Effect::Left => {}
        }
    }

    fn mail_outbox(&mut self, input: outbox::Input) {
        if let Some(running) = &mut self.client.running {
            running.mail.push_back(Mail::Outbox(input));
        }
    }

    fn mail_session(&mut self, input: session::Input) {
        if let Some(running) = &mut self.client.running {
            running.mail.push_back(Mail::Session(input));
        }
    }

    fn record(&mut self, entry: &Entry) {
        self.client.saved.apply(entry);
    }

    pub(super) fn publish(&mut self, event: Event) {
        if let Some(running) = &self.client.running {
            running.app.tell(event, &self.client.setting);
        }
    }

    fn named(&self, id: Uuid, text: &str) -> Message {
        self.log.name_guest(&id.to_string(), Some(text))
    }
}

fn who(guest: Credentials) -> (String, String) {
    (guest.token, guest.instance)
}
