//! One socket. The actor speaks RFC 6455 and hands every text to the core; it decides nothing
//! about messages. Its registration is undone when it is dropped, however that comes about.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use actix::{
    Actor, ActorContext, ActorFutureExt, AsyncContext, Handler, StreamHandler, WrapFuture,
};
use actix_http::ws::Item;
use actix_web::HttpRequest;
use actix_web_actors::ws::{CloseCode, CloseReason, Message, ProtocolError, WebsocketContext};

use super::assembler::{Assembled, Assembler};
use super::cut::Cut;
use super::emit::{Emitter, Frame};
use super::guard::Overlong;
use crate::cloud::{Cloud, Order};
use crate::core::{Caller, End, GuestIndex};
use crate::faults::{Delivery, Distortion, Reply};
use crate::journal::{About, Entry as Noted, excerpt, excerpt_of};
use crate::profile::articles;
use crate::serve::Connection;

/// What the close frame of a fault says.
const ON_PURPOSE: &str = "on purpose";

/// Longest reason in a close frame: a control frame has 125 bytes, two are the code (RFC 6455
/// 5.5).
const MAX_REASON_BYTES: usize = 123;

type Context = WebsocketContext<SocketActor>;

/// A place in the register of open sockets; dropping it gives it back.
struct Seat {
    cloud: Cloud,
    socket: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.cloud.close_socket(self.socket);
    }
}

/// How the socket begins.
#[derive(Debug, Clone, Copy)]
enum Entry {
    Admitted(GuestIndex),
    TurnedAway(u16),
}

/// The ways a socket can end below RFC 6455.
pub(super) struct Ends {
    pub(super) cut: Cut,
    pub(super) overlong: Overlong,
    pub(super) connection: Option<Rc<Connection>>,
}

impl Ends {
    pub(super) fn new(http: &HttpRequest) -> Self {
        let connection = http.conn_data::<Rc<Connection>>().cloned();
        Self { cut: Cut::default(), overlong: Overlong::default(), connection }
    }
}

pub(super) struct SocketActor {
    cloud: Cloud,
    entry: Entry,
    /// Whose socket it is.
    instance: String,
    seat: Option<Seat>,
    ends: Ends,
    /// What a fault makes of the socket as a whole.
    distortion: Distortion,
    frames_in: u64,
    emitter: Emitter,
    assembler: Assembler,
    /// A close frame was sent; nothing may follow it (RFC 6455 5.5.1).
    closing: bool,
    heard_at: Duration,
}

impl SocketActor {
    pub(super) fn admitted(
        cloud: &Cloud,
        (guest, instance): (GuestIndex, &str),
        distortion: Distortion,
        ends: Ends,
    ) -> Self {
        let actor = Self::new(cloud, Entry::Admitted(guest), instance, ends);
        Self { distortion, ..actor }
    }

    pub(super) fn turned_away(cloud: &Cloud, code: u16, ends: Ends) -> Self {
        Self::new(cloud, Entry::TurnedAway(code), "", ends)
    }

    fn new(cloud: &Cloud, entry: Entry, instance: &str, ends: Ends) -> Self {
        let assembler = Assembler::new(cloud.limits().message_bytes);
        let heard_at = cloud.now().mono;
        let (cloud, instance) = (cloud.clone(), instance.to_owned());
        Self {
            cloud,
            entry,
            instance,
            seat: None,
            ends,
            distortion: Distortion::Plain,
            frames_in: 0,
            emitter: Emitter::default(),
            assembler,
            closing: false,
            heard_at,
        }
    }

    fn on_text(&mut self, text: &str, context: &mut Context) {
        let Entry::Admitted(guest) = self.entry else { return };
        let message = articles::message(text.as_bytes());
        self.note(|socket, guest| {
            let about = About::from(&message);
            Noted::FrameIn { socket, guest, text: excerpt(text), about }
        });
        self.frames_in += 1;
        if let Distortion::EndAfterFrames(frames, code) = self.distortion
            && self.frames_in >= frames
        {
            return self.close_with(code, ON_PURPOSE, context);
        }
        let caller = Caller::Socket { guest };
        let reply = self.cloud.with(|layer, now, out| layer.message(now, caller, message, out));
        match reply {
            Reply::Silence | Reply::Instead(_) => {}
            Reply::Close(code) => self.close_with(code, ON_PURPOSE, context),
            Reply::Send { answer, delivery } => {
                self.deliver(&Frame::from(&answer), delivery, context);
            }
        }
    }

    fn deliver(&mut self, frame: &Frame, delivery: Delivery, context: &mut Context) {
        for _ in 0..delivery.copies {
            let frame = frame.clone();
            if delivery.delay.is_zero() {
                self.send(frame, delivery.distortion, context);
            } else {
                self.later(delivery.delay, context, move |actor, context| {
                    actor.send(frame, delivery.distortion, context);
                });
            }
        }
    }

    fn send(&mut self, frame: Frame, distortion: Distortion, context: &mut Context) {
        if self.closing || self.distortion == Distortion::Mute {
            return;
        }
        if let Distortion::EndInstead(code) = distortion {
            return self.close_with(code, ON_PURPOSE, context);
        }
        for (message, about) in self.emitter.emit(frame, distortion) {
            self.note(|socket, guest| Noted::FrameOut {
                socket,
                guest,
                text: told(&message),
                about,
            });
            context.write_raw(message);
        }
    }

    /// A ping is answered here and not by the core; only a fault has a word to say.
    fn on_ping(&mut self, payload: &[u8], context: &mut Context) {
        self.note(|socket, _| Noted::Ping { socket });
        let Entry::Admitted(guest) = self.entry else { return };
        if self.distortion == Distortion::Mute {
            return;
        }
        match self.cloud.with(|layer, now, out| layer.ping(now, guest, out)) {
            Reply::Send { delivery, .. } if delivery.distortion == Distortion::WrongPong => {
                context.pong(b"another");
            }
            Reply::Send { .. } => context.pong(payload),
            _ => {}
        }
    }

    /// What a fault has in store for the socket from its beginning.
    fn begin(&mut self, context: &mut Context) {
        match self.distortion {
            Distortion::EndAfter(after, code) => {
                self.later(after, context, move |actor, context| {
                    actor.close_with(code, ON_PURPOSE, context);
                });
            }
            Distortion::BlackHoleAfter(after) => self.later(after, context, |actor, _| {
                if let Some(connection) = &actor.ends.connection {
                    connection.fall_silent();
                }
            }),
            _ => {}
        }
    }

    /// Does something when the cloud's clock is `delay` later.
    fn later(
        &self,
        delay: Duration,
        context: &mut Context,
        act: impl FnOnce(&mut Self, &mut Context) + 'static,
    ) {
        if !self.cloud.clock().is_steered() {
            context.run_later(delay, act);
            return;
        }
        let clock = self.cloud.clock().clone();
        let slept = async move { clock.sleep(delay).await }.into_actor(self);
        context.spawn(slept.map(|(), actor, context| act(actor, context)));
    }

    /// Writes down what passes, once the socket has its number.
    fn note(&self, entry: impl FnOnce(u64, String) -> Noted) {
        if let Some(seat) = &self.seat {
            self.cloud.note(self.cloud.now(), || entry(seat.socket, self.instance.clone()));
        }
    }

    fn on_fragment(&mut self, assembled: Assembled, context: &mut Context) {
        match assembled {
            Assembled::Partial => {}
            Assembled::Text(text) => self.on_text(&text, context),
            Assembled::Binary => self.close_with(1003, "only text is spoken here", context),
            Assembled::TooLong => self.close_with(1009, "the message is too long", context),
            Assembled::NotUtf8 => self.close_with(1007, "the text is not UTF-8", context),
        }
    }

    fn close_with(&mut self, code: u16, reason: &str, context: &mut Context) {
        self.end(End::Code(code, reason.to_owned()), context);
    }

    /// Sends a close frame and waits for the answer, but not for ever; or cuts the connection.
    fn end(&mut self, end: End, context: &mut Context) {
        let reason = match end {
            End::Drop | End::Code(1006 | 1015, _) => {
                self.ends.cut.now();
                context.stop();
                return;
            }
            End::Code(1005, _) => None,
            End::Code(code, reason) => Some(close_reason(code, &reason)),
        };
        if self.closing {
            return;
        }
        self.closing = true;
        self.note(|socket, _| Noted::CloseOut { socket, code: code_of(reason.as_ref()) });
        context.close(reason);
        let timeout = self.cloud.limits().close_timeout;
        context.run_later(timeout, |_, context| context.stop());
    }

    /// The peer closes: its frame is echoed, unless it is the answer to ours.
    fn on_close(&mut self, reason: Option<CloseReason>, context: &mut Context) {
        self.note(|socket, _| Noted::CloseIn { socket, code: code_of(reason.as_ref()) });
        if let Some(connection) = &self.ends.connection {
            connection.done();
        }
        if !self.closing {
            self.closing = true;
            context.close(reason);
        }
        context.stop();
    }

    /// After most protocol errors the bytes cannot be read any further, so the socket ends with
    /// the close frame. A transport that ended is not one of them: frames that arrived before it
    /// did are still to come, and then the end of the stream.
    fn on_protocol_error(&mut self, error: &ProtocolError, context: &mut Context) {
        let (code, reason) = match error {
            _ if self.ends.overlong.is_set() => (1009, "the frame is too long"),
            ProtocolError::Io(error) if is_not_utf8(error) => (1007, "the text is not UTF-8"),
            ProtocolError::Io(error) if error.kind() != io::ErrorKind::InvalidData => return,
            _ => (1002, "the frame breaks RFC 6455"),
        };
        tracing::debug!(%error, code, "protocol error");
        self.close_with(code, reason, context);
        context.stop();
    }

    fn watch_for_silence(&self, timeout: Duration, context: &mut Context) {
        let silent_for = self.cloud.now().mono.saturating_sub(self.heard_at);
        let left = timeout.saturating_sub(silent_for);
        if left.is_zero() {
            context.notify(Order::End(End::Code(1001, "idle".to_owned())));
        } else {
            self.later(left, context, move |actor, context| {
                actor.watch_for_silence(timeout, context);
            });
        }
    }
}

impl Actor for SocketActor {
    type Context = Context;

    fn started(&mut self, context: &mut Context) {
        match self.entry {
            Entry::Admitted(guest) => {
                let socket = self.cloud.open_socket(guest, context.address().recipient());
                self.seat = Some(Seat { cloud: self.cloud.clone(), socket });
                self.begin(context);
                if let Some(timeout) = self.cloud.limits().socket_idle_timeout {
                    self.watch_for_silence(timeout, context);
                }
            }
            Entry::TurnedAway(code) => {
                self.close_with(code, ON_PURPOSE, context);
            }
        }
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for SocketActor {
    fn handle(&mut self, message: Result<Message, ProtocolError>, context: &mut Context) {
        self.heard_at = self.cloud.now().mono;
        let message = match message {
            Ok(message) => message,
            Err(error) => return self.on_protocol_error(&error, context),
        };
        match message {
            Message::Close(reason) => self.on_close(reason, context),
            _ if self.closing => {}
            Message::Text(text) => self.on_text(&text, context),
            Message::Continuation(item) => {
                let assembled = self.assembler.take(&item);
                self.on_fragment(assembled, context);
            }
            Message::Binary(_) => self.on_fragment(Assembled::Binary, context),
            Message::Ping(payload) => self.on_ping(&payload, context),
            Message::Pong(_) | Message::Nop => {}
        }
    }
}

impl Handler<Order> for SocketActor {
    type Result = ();

    fn handle(&mut self, order: Order, context: &mut Context) {
        match order {
            Order::Send(push, delivery) => {
                self.deliver(&Frame::from(&push), delivery, context);
            }
            Order::End(end) => self.end(end, context),
        }
    }
}

/// A frame as the journal shows it.
fn told(message: &Message) -> String {
    let bytes = match message {
        Message::Text(text) => return excerpt(text),
        Message::Binary(bytes)
        | Message::Continuation(
            Item::FirstText(bytes)
            | Item::FirstBinary(bytes)
            | Item::Continue(bytes)
            | Item::Last(bytes),
        ) => bytes,
        _ => return String::new(),
    };
    excerpt_of(bytes)
}

/// The code of a close frame; 1005 when it names none (RFC 6455 7.4.1).
fn code_of(reason: Option<&CloseReason>) -> u16 {
    reason.map_or(1005, |reason| reason.code.into())
}

fn close_reason(code: u16, reason: &str) -> CloseReason {
    let mut end = reason.len().min(MAX_REASON_BYTES);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let description = (end > 0).then(|| reason[..end].to_owned());
    CloseReason { code: CloseCode::from(code), description }
}

/// The codec wraps this error in text; there is no type left to tell it by.
fn is_not_utf8(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Other && error.to_string().contains("utf-8")
}
