//! `WebMessagingConnection`: one socket, from its handshake to its end, with its health monitor.
//!
//! It tells the client what a browser's `WebSocket` tells a page, and the client's `generation` with
//! it, so that the client can know which of its sockets speaks. It refuses to interpret text.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use actix::fut::{ActorFutureExt as _, wrap_future};
use actix::io::{SinkWrite, WriteHandler};
use actix::{
    Actor, ActorContext as _, AsyncContext as _, Context, Handler, Message, Recipient, Running,
    StreamHandler,
};
use awc::error::{SendRequestError, WsClientError, WsProtocolError};
use awc::ws::{CloseCode, CloseReason, Frame, Message as Out, WebsocketsRequest};
use bytes::Bytes;
use futures_util::{Sink, Stream, StreamExt as _};
use holdline_client::transport::Refused;
use tokio::sync::Notify;

use super::super::defect::{Defect, Defects};
use super::clock::{Clock, within};
use super::health::{Health, Sign, Verdict};

/// How long a handshake may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long a closing handshake may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// The code of a socket that ended without a close frame.
const ABNORMAL: u16 = 1006;

type Writer = Pin<Box<dyn Sink<Out, Error = WsProtocolError>>>;

/// What a socket tells the client.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct SocketEvent {
    /// Which socket.
    pub(super) generation: u64,
    /// What.
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// `onopen`.
    Open,
    /// `onmessage`, with text.
    Text(Bytes),
    /// Anything else came in.
    Heard,
    /// The health monitor has given it up.
    Unhealthy,
    /// `onclose`, with its code, or the answer that refused the handshake.
    Closed { code: u16, refused: Option<Refused> },
}

/// What the client tells a socket.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) enum Order {
    Send(String),
    /// Say goodbye, and go.
    Close,
    /// Go.
    Terminate,
}

/// See the module's documentation.
pub(super) struct Connection {
    generation: u64,
    client: Recipient<SocketEvent>,
    request: Option<WebsocketsRequest>,
    defects: Defects,
    clock: Clock,
    gone: Rc<Notify>,
    sink: Option<SinkWrite<Out, Writer>>,
    health: Option<Health>,
    over: bool,
}

impl Connection {
    pub(super) fn new(
        generation: u64,
        client: Recipient<SocketEvent>,
        request: WebsocketsRequest,
        (defects, clock): (Defects, Clock),
        gone: Rc<Notify>,
    ) -> Self {
        let (sink, health) = (None, None);
        let request = Some(request);
        Self { generation, client, request, defects, clock, gone, sink, health, over: false }
    }

    fn tell(&self, what: What) {
        self.client.do_send(SocketEvent { generation: self.generation, what });
    }

    fn opened<S>(&mut self, framed: S, context: &mut Context<Self>)
    where
        S: Stream<Item = Result<Frame, WsProtocolError>>
            + Sink<Out, Error = WsProtocolError>
            + 'static,
    {
        let (sink, stream) = framed.split();
        self.sink = Some(SinkWrite::new(Box::pin(sink), context));
        context.add_stream(stream);
        self.health = Some(Health::opened(self.clock.now(), self.defects));
        self.monitor(context);
        self.tell(What::Open);
    }

    /// `startHealthMonitor`.
    fn monitor(&self, context: &mut Context<Self>) {
        let Some(health) = &self.health else { return };
        context.run_later(health.check_in(self.clock.now()), |socket, context| {
            let now = socket.clock.now();
            let verdict = socket.health.as_mut().map(|health| health.check(now));
            match verdict {
                Some(Verdict::Probe) => socket.write(Out::Ping(Bytes::new())),
                Some(Verdict::Dead) => {
                    socket.health = None;
                    socket.tell(What::Unhealthy);
                }
                Some(Verdict::Fine) | None => {}
            }
            socket.monitor(context);
        });
    }

    fn heard(&mut self, sign: Sign) {
        let now = self.clock.now();
        if let Some(health) = &mut self.health {
            health.heard(now, sign);
        }
    }

    fn write(&mut self, message: Out) {
        // What a socket that is closing does not take is lost, as in a browser.
        let _ = self.sink.as_mut().map(|sink| sink.write(message));
    }

    fn say_goodbye(&mut self, code: u16, context: &mut Context<Self>) {
        self.write(Out::Close(Some(CloseReason::from(CloseCode::from(code)))));
        context.run_later(CLOSE_WITHIN, |_, context| context.stop());
    }

    /// `onclose`, once.
    fn closed(&mut self, code: u16, refused: Option<Refused>) {
        self.health = None;
        if !std::mem::replace(&mut self.over, true) {
            self.tell(What::Closed { code, refused });
        }
    }
}

impl Actor for Connection {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Context<Self>) {
        let Some(request) = self.request.take() else { return context.stop() };
        let limit = (!self.defects.has(Defect::A10)).then_some(CONNECT_WITHIN);
        let connecting = wrap_future::<_, Self>(within(limit, request.connect()));
        context.spawn(connecting.map(|result, socket, context| match result {
            Some(Ok((_, framed))) => socket.opened(framed, context),
            Some(Err(error)) => {
                socket.closed(ABNORMAL, refusal(error));
                context.stop();
            }
            None => {
                socket.closed(ABNORMAL, None);
                context.stop();
            }
        }));
    }

    fn stopped(&mut self, _: &mut Context<Self>) {
        self.closed(ABNORMAL, None);
        self.gone.notify_one();
    }
}

impl Handler<Order> for Connection {
    type Result = ();

    fn handle(&mut self, order: Order, context: &mut Context<Self>) {
        match order {
            Order::Send(text) => self.write(Out::Text(text.into())),
            Order::Close if self.sink.is_some() => {
                self.health = None;
                self.say_goodbye(1000, context);
            }
            Order::Close | Order::Terminate => context.stop(),
        }
    }
}

impl StreamHandler<Result<Frame, WsProtocolError>> for Connection {
    fn handle(&mut self, frame: Result<Frame, WsProtocolError>, context: &mut Context<Self>) {
        match frame {
            Ok(Frame::Text(text)) => {
                self.heard(if is_ack(&text) { Sign::Ack } else { Sign::Other });
                self.tell(What::Text(text));
            }
            Ok(Frame::Close(reason)) => {
                let code = reason.map_or(1005, |reason| u16::from(reason.code));
                self.closed(code, None);
                self.say_goodbye(if code == 1005 { 1000 } else { code }, context);
                if let Some(sink) = &mut self.sink {
                    sink.close();
                }
            }
            Ok(frame) => {
                if let Frame::Ping(payload) = frame {
                    self.write(Out::Pong(payload));
                }
                self.heard(Sign::Other);
                self.tell(What::Heard);
            }
            Err(_) => context.stop(),
        }
    }

    fn finished(&mut self, context: &mut Context<Self>) {
        context.stop();
    }
}

impl WriteHandler<WsProtocolError> for Connection {
    /// What has arrived is read first; its end is the end.
    fn error(&mut self, _: WsProtocolError, _: &mut Context<Self>) -> Running {
        Running::Continue
    }

    fn finished(&mut self, context: &mut Context<Self>) {
        context.stop();
    }
}

/// The monitor looks only at the kind of a message.
fn is_ack(text: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Kind {
        r#type: String,
    }
    serde_json::from_slice::<Kind>(text).is_ok_and(|kind| kind.r#type == "messageReceived")
}

fn refusal(error: WsClientError) -> Option<Refused> {
    match error {
        WsClientError::SendRequest(SendRequestError::Custom(error, _)) => {
            error.downcast_ref::<Refused>().cloned()
        }
        WsClientError::InvalidResponseStatus(status) => {
            Some(Refused { status: status.as_u16(), retry_after: None })
        }
        _ => None,
    }
}
