//! A thin twin of the cloud's handlers: each request asks the core, and its reply becomes an answer.

use std::time::Duration;

use holdline_client::core::credentials::Issued;
use holdline_client::core::inbound::Page;
use holdline_client::core::types::Inbound;
use holdline_mock_server::core::{self, Ack, Caller, Carriers, Grant, Refusal};
use holdline_mock_server::faults::Reply;
use holdline_mock_server::profile::articles;

use super::Late;
use crate::trace::{Endpoint, Kind, Lane};
use crate::world::pure::conn::{Answer, Body, Data, Packet, Request, What};
use crate::world::pure::{Due, World};

/// How long an idle connection is kept, as actix-http does.
const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// What an answer takes beside its body, about.
const HEAD_BYTES: usize = 160;

impl World {
    pub(super) fn asked(&mut self, index: usize, request: Request) {
        let conn = self.conns[index].cloud_number;
        let Request { endpoint, bearer, instance, body, after, message, .. } = request;
        self.log.push(Lane::Cloud, Kind::Request { conn, endpoint, message });
        let body = body.as_bytes();
        match endpoint {
            Endpoint::Guests => {
                let profile = articles::guest_profile(body);
                let reply = self.with_cloud(|cloud, now, out| {
                    cloud.create_guest(now, Some(&bearer), profile, out)
                });
                self.reply(index, reply, granted);
            }
            Endpoint::Refresh => {
                let instance = articles::instance_to_refresh(body);
                let reply = self
                    .with_cloud(|cloud, now, out| cloud.refresh(now, Some(&bearer), instance, out));
                self.reply(index, reply, granted);
            }
            Endpoint::Messages => {
                let caller = Caller::Rest { instance: &instance, token: Some(&bearer) };
                let message = articles::message(body);
                let reply =
                    self.with_cloud(|cloud, now, out| cloud.message(now, caller, message, out));
                self.reply(index, reply, |ack: Ack| Body::Acked(ack.message_id));
            }
            Endpoint::History => {
                let reply = self.with_cloud(|cloud, now, out| {
                    cloud.history(now, &instance, Some(&bearer), Ok(after), out)
                });
                self.reply(index, reply, page);
            }
            Endpoint::Socket => {
                let carriers = Carriers { bearer: Some(bearer), ..Carriers::default() };
                let reply =
                    self.with_cloud(|cloud, now, out| cloud.admit(now, &instance, &carriers, out));
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

    pub(super) fn answer(&mut self, index: usize, answer: Answer) {
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
}

pub(super) fn refused(refusal: &Refusal) -> Answer {
    Answer {
        status: refusal.status,
        retry_after: refusal.retry_after.as_ref().map(ToString::to_string),
        body: Body::Refused(String::from(refusal.code.clone())),
    }
}

fn granted(grant: Grant) -> Body {
    let Grant { webchat_instance_id: instance, token, expires_in } = grant;
    Body::Granted(Issued { instance, token, expires_in_s: Some(expires_in) })
}

fn page(page: core::Page) -> Body {
    let messages = page.messages.into_iter().map(|said| Inbound {
        id: said.message_id,
        sequence: Some(said.sequence),
        text: said.content,
    });
    Body::Page(Page { messages: messages.collect(), more: page.more })
}
