//! The shell around the session: requests, the socket, the journal, events.

use std::collections::BTreeMap;

use actix::{
    Actor, ActorContext as _, ActorFutureExt as _, Addr, AsyncContext as _, Context, Handler,
    SpawnHandle, WrapFuture as _,
};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use super::timer::Timer;
use super::{Barrier, BufferActor, Do, Halt, ShutDown};
use crate::clock::Clock;
use crate::core::answer::Fault;
use crate::core::journal::Entry;
use crate::core::outbox;
use crate::core::profile::articles::codec;
use crate::core::session::{Effect, Input, Op, SavedGuest, Session};
use crate::core::types::{Event, Notice};
use crate::events::Hub;
use crate::journal::SharedJournal;
use crate::transport::rest::Api;
use crate::transport::socket::{self, Connection, Writer};

/// What the actor is given.
pub(crate) struct Supplies {
    pub(crate) clock: Clock,
    pub(crate) api: Api,
    pub(crate) hub: Hub,
    pub(crate) journal: SharedJournal,
    /// The guest a journal remembers.
    pub(crate) guest: Option<SavedGuest>,
    /// What was odd about the start, to be told once somebody can listen.
    pub(crate) notices: Vec<Notice>,
}

/// Runs the session of one client.
pub struct SessionActor {
    session: Session,
    supplies: Supplies,
    buffer: Addr<BufferActor>,
    timer: Timer,
    requests: BTreeMap<Op, SpawnHandle>,
    sockets: BTreeMap<u64, (Writer, SpawnHandle)>,
    finished: bool,
    /// Dropped with the actor, which is what the waiting side waits for.
    shutting_down: Vec<oneshot::Sender<()>>,
}

impl SessionActor {
    pub(crate) const fn new(
        session: Session,
        supplies: Supplies,
        buffer: Addr<BufferActor>,
    ) -> Self {
        Self {
            session,
            supplies,
            buffer,
            timer: Timer { armed: None },
            requests: BTreeMap::new(),
            sockets: BTreeMap::new(),
            finished: false,
            shutting_down: Vec::new(),
        }
    }

    fn step(&mut self, input: Input, ctx: &mut Context<Self>) {
        let mut effects = Vec::new();
        self.session.on(self.supplies.clock.now(), input, &mut effects);
        for effect in effects {
            self.carry_out(effect, ctx);
        }
        let deadline = self.session.next_deadline();
        self.timer.arm(ctx, &self.supplies.clock, deadline, |act: &mut Self, ctx| {
            act.timer.fired();
            act.step(Input::Tick, ctx);
        });
    }

    fn carry_out(&mut self, effect: Effect, ctx: &mut Context<Self>) {
        match effect {
            Effect::Create(op) => {
                let answer = self.supplies.api.create_guest();
                self.request(Op::Create(op), answer, move |r| Input::Created(op, r), ctx);
            }
            Effect::Refresh(op, guest) => {
                let answer = self.supplies.api.refresh(&guest);
                self.request(Op::Refresh(op), answer, move |r| Input::Refreshed(op, r), ctx);
            }
            Effect::History(op, guest, after) => {
                let answer = self.supplies.api.history(&guest, after);
                self.request(Op::History(op), answer, move |r| Input::History(op, r), ctx);
            }
            Effect::Dial(op, guest) => {
                let span = tracing::debug_span!("dial", socket = op);
                let handshake = self.supplies.api.open_socket(&guest).instrument(span);
                let task = handshake
                    .into_actor(self)
                    .map(move |result, act, ctx| act.dialed(op, result, ctx));
                self.requests.insert(Op::Dial(op), ctx.spawn(task));
            }
            Effect::Cancel(op) => {
                if let Some(handle) = self.requests.remove(&op) {
                    ctx.cancel_future(handle);
                }
            }
            Effect::Ping(socket) => self.write(socket, Writer::ping),
            Effect::Transmit { socket, id, text } => {
                self.write(socket, |writer| writer.text(codec::message_body(id, &text)));
            }
            Effect::Close(socket, code) => self.close(socket, code, ctx),
            Effect::Link(link) => self.tell_buffer(outbox::Input::Link(link)),
            Effect::Credentials(guest) => self.tell_buffer(outbox::Input::Credentials(guest)),
            Effect::Acked(id) => self.tell_buffer(outbox::Input::Acked(id)),
            Effect::MessageFault(id, fault) => {
                self.tell_buffer(outbox::Input::Refused(id, fault));
            }
            Effect::ConversationGone => self.tell_buffer(outbox::Input::ConversationGone),
            Effect::State(state) => self.supplies.hub.publish(&Event::State(state)),
            Effect::Show(message) => self.supplies.hub.publish(&Event::Inbound(message)),
            Effect::Notice(notice) => self.supplies.hub.notice(notice),
            Effect::SaveCursor(sequence) => {
                self.supplies.journal.record(&Entry::Cursor { sequence });
            }
            Effect::SaveSeen(id, at_wall) => {
                self.supplies.journal.record(&Entry::Seen { id, at_wall });
            }
            Effect::SaveGuest(guest) => self.supplies.journal.record(&Entry::Guest {
                instance: guest.instance,
                token: guest.token,
                expires_at_wall: guest.expires_at,
            }),
            Effect::SaveNotBefore(door, until_wall) => {
                self.supplies.journal.record(&Entry::NotBefore { door, until_wall });
            }
            Effect::SaveBackoff { failures, until } => {
                self.supplies.journal.record(&Entry::Backoff { failures, until_wall: until });
            }
            Effect::Finished => {
                self.finished = true;
                self.stop_when_done(ctx);
            }
        }
    }

    fn request<T: 'static>(
        &mut self,
        op: Op,
        answer: impl Future<Output = Result<T, Fault>> + 'static,
        input: impl FnOnce(Result<T, Fault>) -> Input + 'static,
        ctx: &mut Context<Self>,
    ) {
        let span = tracing::debug_span!("request", ?op);
        let task = answer.instrument(span).into_actor(self).map(move |result, act, ctx| {
            act.requests.remove(&op);
            act.step(input(result), ctx);
        });
        self.requests.insert(op, ctx.spawn(task));
    }

    fn dialed(&mut self, op: u64, result: Result<Connection, Fault>, ctx: &mut Context<Self>) {
        self.requests.remove(&Op::Dial(op));
        let result = result.map(|connection| self.adopt(op, connection, ctx));
        self.step(Input::Dialed(op, result), ctx);
    }

    /// Starts reading an opened socket; the machine hears of it next, and of its frames after that.
    fn adopt(&mut self, socket: u64, connection: Connection, ctx: &mut Context<Self>) {
        let frames = ctx.address();
        let ends = frames.clone();
        let (writer, task) = socket::run(
            connection,
            move |frame| {
                let handled = frames.send(Do(Input::Frame(socket, frame)));
                async move {
                    // Nobody is left to be told when the actor is gone.
                    let _ = handled.await;
                }
            },
            move |code| ends.do_send(Do(Input::Ended(socket, code))),
        );
        let task = task.instrument(tracing::debug_span!("socket", socket));
        let handle = ctx.spawn(task.into_actor(self).map(move |(), act, ctx| {
            act.sockets.remove(&socket);
            act.stop_when_done(ctx);
        }));
        self.sockets.insert(socket, (writer, handle));
    }

    fn write(&self, socket: u64, write: impl FnOnce(&Writer)) {
        if let Some((writer, _)) = self.sockets.get(&socket) {
            write(writer);
        }
    }

    fn close(&mut self, socket: u64, code: Option<u16>, ctx: &mut Context<Self>) {
        match code {
            Some(code) => {
                if let Some((writer, _)) = self.sockets.get_mut(&socket) {
                    writer.close(code);
                }
            }
            None => {
                if let Some((_, handle)) = self.sockets.remove(&socket) {
                    ctx.cancel_future(handle);
                }
            }
        }
    }

    fn stop_when_done(&self, ctx: &mut Context<Self>) {
        if self.finished && self.sockets.is_empty() {
            ctx.stop();
        }
    }

    fn tell_buffer(&self, input: outbox::Input) {
        self.buffer.do_send(Do(input));
    }
}

impl Actor for SessionActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for notice in std::mem::take(&mut self.supplies.notices) {
            self.supplies.hub.notice(notice);
        }
        let guest = self.supplies.guest.take();
        self.step(Input::Start(guest), ctx);
    }
}

impl Handler<Do<Input>> for SessionActor {
    type Result = ();

    fn handle(&mut self, Do(input): Do<Input>, ctx: &mut Self::Context) {
        self.step(input, ctx);
    }
}

impl Handler<ShutDown> for SessionActor {
    type Result = ();

    fn handle(&mut self, ShutDown(done): ShutDown, ctx: &mut Self::Context) {
        self.shutting_down.push(done);
        self.step(Input::Shutdown, ctx);
    }
}

impl Handler<Barrier> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Barrier, _: &mut Self::Context) {}
}

impl Handler<Halt> for SessionActor {
    type Result = ();

    fn handle(&mut self, _: Halt, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
