//! What the actors of one client have in common: everything that carries an output out.

use std::collections::BTreeMap;

use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, AsyncContext as _, Context, Handler,
    SpawnHandle, WrapFuture as _,
};
use tracing::Instrument as _;

use super::Do;
use super::timer::Timer;
use crate::clock::Clock;
use crate::core::engine::{Frame, Input, Output, Request};
use crate::core::outbox;
use crate::core::profile::articles::codec;
use crate::core::request_error::RequestError;
use crate::core::session::{self, Op};
use crate::events::Hub;
use crate::journal::SharedJournal;
use crate::transport::rest::Api;
use crate::transport::socket::{self, Connection, Writer};

/// The requests, sockets, events and records of one actor.
pub(crate) struct Shell {
    pub(super) clock: Clock,
    api: Api,
    pub(super) hub: Hub,
    journal: SharedJournal,
    pub(super) timer: Timer,
    requests: BTreeMap<Op, SpawnHandle>,
    sockets: BTreeMap<u64, (Writer, SpawnHandle)>,
    /// Nothing is wanted any more but that its sockets end.
    finished: bool,
}

/// An actor with a shell.
pub(super) trait HasShell: Actor<Context = Context<Self>> + Handler<Do<Input>> {
    fn shell(&mut self) -> &mut Shell;
    /// For the machine inside, or for that of the other actor.
    fn step(&mut self, input: Input, ctx: &mut Context<Self>);
}

impl Shell {
    pub(crate) const fn new(clock: Clock, api: Api, hub: Hub, journal: SharedJournal) -> Self {
        Self {
            clock,
            api,
            hub,
            journal,
            timer: Timer { armed: None },
            requests: BTreeMap::new(),
            sockets: BTreeMap::new(),
            finished: false,
        }
    }

    fn write(&self, socket: u64, frame: Frame) {
        let Some((writer, _)) = self.sockets.get(&socket) else { return };
        match frame {
            Frame::Ping => writer.ping(),
            Frame::Message { id, text } => writer.text(codec::message_body(id, &text)),
        }
    }
}

/// Carries out what an actor's machine wants.
pub(super) fn perform<A: HasShell>(act: &mut A, output: Output, ctx: &mut Context<A>) {
    let shell = act.shell();
    match output {
        Output::Call(request) => call(act, request, ctx),
        Output::Cancel(op) => {
            if let Some(handle) = shell.requests.remove(&op) {
                ctx.cancel_future(handle);
            }
        }
        Output::Write { socket, frame } => shell.write(socket, frame),
        Output::Close { socket, code: Some(code) } => {
            if let Some((writer, _)) = shell.sockets.get_mut(&socket) {
                writer.close(code);
            }
        }
        Output::Close { socket, code: None } => {
            if let Some((_, handle)) = shell.sockets.remove(&socket) {
                ctx.cancel_future(handle);
            }
        }
        Output::Record(entry) => shell.journal.record(&entry),
        Output::Publish(event) => shell.hub.publish(&event),
        Output::Left | Output::Finished => {
            shell.finished = true;
            stop_when_over(act, ctx);
        }
    }
}

/// Starts a request; its answer is an input.
fn call<A: HasShell>(act: &mut A, request: Request, ctx: &mut Context<A>) {
    let (shell, op) = (act.shell(), request.op());
    let api = shell.api.clone();
    match request {
        Request::Create { op: number } => {
            let answer = api.create_guest();
            run(act, op, answer, move |r| session::Input::Created(number, r).into(), ctx);
        }
        Request::Refresh { op: number, guest } => {
            let answer = api.refresh(&guest);
            run(act, op, answer, move |r| session::Input::Refreshed(number, r).into(), ctx);
        }
        Request::History { op: number, guest, after } => {
            let answer = api.history(&guest, after);
            run(act, op, answer, move |r| session::Input::History(number, r).into(), ctx);
        }
        Request::Post { attempt, guest, id, text } => {
            let answer = api.post_message(&guest, id, &text);
            let posted = move |result| outbox::Input::Posted { attempt, result }.into();
            run(act, op, answer, posted, ctx);
        }
        Request::Dial { op: socket, guest } => {
            let handshake = api.open_socket(&guest);
            spawn(act, op, handshake, ctx, move |result, act, ctx| {
                let result = result.map(|connection| adopt(act, socket, connection, ctx));
                act.step(session::Input::Dialed(socket, result).into(), ctx);
            });
        }
    }
}

fn run<A: HasShell, T: 'static>(
    act: &mut A,
    op: Op,
    answer: impl Future<Output = Result<T, RequestError>> + 'static,
    input: impl FnOnce(Result<T, RequestError>) -> Input + 'static,
    ctx: &mut Context<A>,
) {
    spawn(act, op, answer, ctx, move |result, act, ctx| act.step(input(result), ctx));
}

fn spawn<A: HasShell, T: 'static>(
    act: &mut A,
    op: Op,
    answer: impl Future<Output = T> + 'static,
    ctx: &mut Context<A>,
    then: impl FnOnce(T, &mut A, &mut Context<A>) + 'static,
) {
    let span = tracing::debug_span!("request", ?op);
    let task = answer.instrument(span).into_actor(act).map(move |result, act: &mut A, ctx| {
        act.shell().requests.remove(&op);
        then(result, act, ctx);
    });
    let handle = ctx.spawn(task);
    act.shell().requests.insert(op, handle);
}

/// Starts reading an opened socket; the machine hears of it next, and of its frames after that.
fn adopt<A: HasShell>(act: &mut A, socket: u64, connection: Connection, ctx: &mut Context<A>) {
    let frames = ctx.address();
    let ends = frames.clone();
    let (writer, task) = socket::run(
        connection,
        move |frame| {
            let handled = frames.send(Do(session::Input::Frame(socket, frame).into()));
            async move {
                // Nobody is left to be told when the actor is gone.
                let _ = handled.await;
            }
        },
        move |code| ends.do_send(Do(session::Input::Ended(socket, code).into())),
    );
    let task = task.instrument(tracing::debug_span!("socket", socket));
    let handle = ctx.spawn(task.into_actor(act).map(move |(), act: &mut A, ctx| {
        act.shell().sockets.remove(&socket);
        stop_when_over(act, ctx);
    }));
    act.shell().sockets.insert(socket, (writer, handle));
}

/// An actor ends when its machine wants nothing any more and its sockets have ended.
pub(super) fn stop_when_over<A: HasShell>(act: &mut A, ctx: &mut Context<A>) {
    let shell = act.shell();
    if shell.finished && shell.sockets.is_empty() {
        ctx.stop();
    }
}
