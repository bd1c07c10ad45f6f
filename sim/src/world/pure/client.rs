//! The client's machines, with a thin twin of their actors: effects are carried out at once, what the
//! machines tell each other goes through one queue, and each has one deadline.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use holdline_client::core::answer::Fault;
use holdline_client::core::outbox::{self, Draft, Outbox};
use holdline_client::core::session::{self, Credentials, Incoming, Op, Session};
use holdline_client::transport::wire;
use holdline_client::{
    Config, Door, Entry, Event, Ids, Instant, Machines, Notice, Now, Outcome, Saved, Wall,
};
use uuid::Uuid;

use super::conn::{Answer, Body, ClientEnd, Conn, Data, Packet, Payload, Purpose, Request, What};
use super::{Due, World};
use crate::plan::Plan;
use crate::subjects::holdline::Application;
use crate::subjects::{Command, Setting, Subject};
use crate::trace::{End, Endpoint, Frame, Kind, Lane, Log, Message};
use crate::world::{PROXY, WALL_AT_START};

/// Longest time a closing handshake may take, as the client's transport has it.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// A trickle of bytes is one sign of life in this time.
const PARTIAL_EVERY: Duration = Duration::from_secs(1);
/// The code of a close frame that names none (RFC 6455 7.1.5).
const NO_STATUS: u16 = 1005;
/// What a request takes beside its body, and a frame beside its payload, about.
const HEAD_BYTES: usize = 220;
const FRAME_BYTES: usize = 8;

/// The client's machine, on or off.
pub(super) struct Twin {
    setting: Setting,
    config: Config,
    guest_body: String,
    /// What survives a crash.
    saved: Saved,
    commands: VecDeque<Command>,
    running: Option<Running>,
}

struct Running {
    app: Application,
    session: Session,
    /// Gone after a shutdown.
    outbox: Option<Outbox>,
    ids: Ids,
    started: Duration,
    wall_at_start: Duration,
    session_due: Option<Duration>,
    outbox_due: Option<Duration>,
    /// What is under way, and on which connection.
    under_way: Vec<(Purpose, usize)>,
    /// Sockets that are not over, by their number.
    sockets: Vec<(u64, usize)>,
    /// Connections kept for the next request.
    idle: Vec<usize>,
    mail: VecDeque<Mail>,
    shut_down: bool,
    finished: bool,
    over: bool,
}

#[derive(Debug)]
enum Mail {
    Session(session::Input),
    Outbox(outbox::Input),
}

impl Twin {
    pub(super) fn new(plan: &Plan, subject: &dyn Subject, log: &Log) -> Option<Self> {
        let setting = Setting {
            gateway: PROXY,
            commands: std::rc::Rc::default(),
            log: log.clone(),
            lane: Lane::Client,
            seed: plan.seed,
            client: plan.client.clone(),
            wall_at_start: WALL_AT_START,
            wall_put: std::rc::Rc::default(),
        };
        let config = subject.machines(&setting)?;
        let guest_body = wire::guest_body(&config.guest);
        let (saved, commands) = (Saved::default(), VecDeque::new());
        Some(Self { setting, config, guest_body, saved, commands, running: None })
    }

    /// When the first of the two deadlines is.
    pub(super) fn next_tick(&self) -> Option<Duration> {
        let running = self.running.as_ref()?;
        match (running.session_due, running.outbox_due) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }

    pub(super) fn put_wall(&self, by: Duration) {
        self.setting.wall_put.set(self.setting.wall_put.get() + by);
    }
}

impl Running {
    fn new(twin: &Setting, config: &Config, saved: &Saved, now: Duration) -> Self {
        let wall_at_start = twin.wall(now);
        let clock = Now { mono: Instant::ZERO, wall: Wall::new(wall_at_start) };
        let Machines { session, outbox, ids } = Machines::new(config.clone(), saved, clock);
        let mut mail: VecDeque<Mail> = saved
            .pending
            .iter()
            .map(|message| Mail::Outbox(outbox::Input::Restore(message.clone().into())))
            .collect();
        mail.push_back(Mail::Session(session::Input::Start(saved.guest.clone())));
        Self {
            app: Application::new(twin),
            session,
            outbox: Some(outbox),
            ids,
            started: now,
            wall_at_start,
            session_due: None,
            outbox_due: None,
            under_way: Vec::new(),
            sockets: Vec::new(),
            idle: Vec::new(),
            mail,
            shut_down: false,
            finished: false,
            over: false,
        }
    }

    fn clock(&self, now: Duration) -> Now {
        let elapsed = now.saturating_sub(self.started);
        Now { mono: Instant::new(elapsed), wall: Wall::new(self.wall_at_start + elapsed) }
    }

    fn take(&mut self, purpose: Purpose) -> Option<usize> {
        let at = self.under_way.iter().position(|(of, _)| *of == purpose)?;
        Some(self.under_way.swap_remove(at).1)
    }

    fn socket(&self, socket: u64) -> Option<usize> {
        self.sockets.iter().find(|(of, _)| *of == socket).map(|(_, conn)| *conn)
    }
}

impl World {
    /// The client's process begins, with what the one before it has left.
    pub(super) fn start_client(&mut self) {
        let Twin { setting, config, saved, .. } = &self.client;
        self.client.running = Some(Running::new(setting, config, saved, self.now));
        self.deliver();
        for command in std::mem::take(&mut self.client.commands) {
            self.command(command);
        }
    }

    /// And ends without a word.
    pub(super) fn crash_client(&mut self) {
        self.client.running = None;
        for conn in 0..self.conns.len() {
            self.client_close(conn);
        }
    }

    /// The user wants something; of a client that is not there, once it is.
    pub(super) fn command(&mut self, command: Command) {
        let now = self.now;
        let Twin { running, saved, commands, config, .. } = &mut self.client;
        let Some(running) = running else { return commands.push_back(command) };
        if running.over {
            return;
        }
        match command {
            Command::Send(text) => {
                let (name, bytes) = (self.log.name_typed(&text), text.len());
                let id = running.ids.draw();
                let accepted_at = running.clock(now).wall;
                self.log.name_id(&id.to_string(), &name);
                self.log.push(Lane::Client, Kind::Typed { message: name, bytes });
                if running.shut_down {
                    return;
                }
                if bytes <= config.outbox.max_text_bytes {
                    saved.apply(&Entry::Accepted { id, text: text.clone(), at_wall: accepted_at });
                }
                let draft = Draft { id, text, accepted_at };
                running.mail.push_back(Mail::Outbox(outbox::Input::Submit(draft)));
            }
            Command::Reconnect => {
                self.log.push(Lane::Client, Kind::Asked { what: "reconnect".into() });
                running.mail.push_back(Mail::Session(session::Input::Reconnect));
            }
            Command::ShutDown => {
                running.shut_down = true;
                running.mail.push_back(Mail::Outbox(outbox::Input::Shutdown));
                running.mail.push_back(Mail::Session(session::Input::Shutdown));
            }
        }
        self.deliver();
    }

    /// A deadline has come.
    pub(super) fn tick_client(&mut self) {
        let now = self.now;
        let Some(running) = &mut self.client.running else { return };
        if running.session_due.is_some_and(|due| due <= now) {
            running.session_due = None;
            running.mail.push_back(Mail::Session(session::Input::Tick));
        }
        if running.outbox_due.is_some_and(|due| due <= now) {
            running.outbox_due = None;
            running.mail.push_back(Mail::Outbox(outbox::Input::Tick));
        }
        self.deliver();
    }

    fn tell(&mut self, input: session::Input) {
        if let Some(running) = &mut self.client.running {
            running.mail.push_back(Mail::Session(input));
            self.deliver();
        }
    }

    /// Hands out the machines' mail until there is none.
    fn deliver(&mut self) {
        let now = self.now;
        while let Some(running) = &mut self.client.running {
            let Some(mail) = running.mail.pop_front() else { break };
            let clock = running.clock(now);
            match mail {
                Mail::Session(input) => {
                    let mut effects = Vec::new();
                    running.session.on(clock, input, &mut effects);
                    for effect in effects {
                        self.of_session(effect);
                    }
                }
                Mail::Outbox(input) => {
                    let Some(outbox) = &mut running.outbox else { continue };
                    let ends = matches!(input, outbox::Input::Shutdown);
                    let mut effects = Vec::new();
                    outbox.on(clock, input, &mut effects);
                    for effect in effects {
                        self.of_outbox(effect);
                    }
                    if ends && let Some(running) = &mut self.client.running {
                        running.outbox = None;
                    }
                }
            }
        }
        let Some(running) = &mut self.client.running else { return };
        let started = running.started;
        let due = |at: Instant| (started + at.since_start()).max(now);
        running.session_due = running.session.next_deadline().map(due);
        running.outbox_due = running.outbox.as_ref().and_then(Outbox::next_deadline).map(due);
        if running.finished && running.sockets.is_empty() && !running.over {
            running.over = true;
            for index in std::mem::take(&mut running.idle) {
                self.client_close(index);
            }
            self.log.push(Lane::Client, Kind::ShutDown);
        }
    }

    fn of_session(&mut self, effect: session::Effect) {
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

    fn of_outbox(&mut self, effect: outbox::Effect) {
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

    fn publish(&mut self, event: Event) {
        if let Some(running) = &self.client.running {
            running.app.tell(event, &self.client.setting);
        }
    }

    fn named(&self, id: Uuid, text: &str) -> Message {
        self.log.name_guest(&id.to_string(), Some(text))
    }

    fn ask(
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

    fn client_request(&mut self, index: usize) {
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

    fn cancel(&mut self, purpose: Purpose) {
        let Some(running) = &mut self.client.running else { return };
        if let Some(index) = running.take(purpose) {
            self.client_close(index);
        }
    }

    fn write(&mut self, socket: u64, frame: Frame, payload: Payload) {
        let Some(running) = &self.client.running else { return };
        let Some(index) = running.socket(socket) else { return };
        if matches!(self.conns[index].client, ClientEnd::Socket(_)) {
            self.client_frame(index, frame, payload);
        }
    }

    fn client_frame(&mut self, index: usize, frame: Frame, payload: Payload) {
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
    fn close_socket(&mut self, socket: u64, code: Option<u16>) {
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
    pub(super) fn client_closes(&mut self, index: usize) {
        if matches!(self.conns[index].client, ClientEnd::Closing(_)) {
            self.client_close(index);
            self.forget_socket(index);
            self.deliver();
        }
    }

    fn forget_socket(&mut self, index: usize) {
        if let Some(running) = &mut self.client.running {
            running.sockets.retain(|(_, conn)| *conn != index);
        }
    }

    /// This end lets go.
    fn client_close(&mut self, index: usize) {
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

    /// Something arrives at the client's machine.
    pub(super) fn at_client(&mut self, index: usize, packet: Packet) {
        let conn = &mut self.conns[index];
        match (conn.client, packet) {
            (ClientEnd::Closed, Packet::Data(_)) => self.send(index, 0, true, Packet::Rst),
            (ClientEnd::Closed, _) => {}
            (ClientEnd::Connecting, Packet::SynAck) => {
                let number = conn.number;
                self.log.push(Lane::Client, Kind::Connected { conn: number });
                self.client_request(index);
            }
            (_, Packet::Fin) => {
                self.client_lost(index, End::Fin);
                self.send(index, 0, true, Packet::Fin);
            }
            (_, Packet::Rst) => self.client_lost(index, End::Rst),
            (_, Packet::Data(data)) => match data.what {
                What::Answer(answer) => self.answered(index, answer),
                What::Frame(frame, payload) => self.heard(index, frame, payload),
                What::Partial => self.heard_part(index),
                What::Request(_) => {}
            },
            (_, Packet::Syn | Packet::SynAck) => {}
        }
    }

    /// The connection ends from the other side.
    pub(super) fn client_lost(&mut self, index: usize, end: End) {
        let conn = &mut self.conns[index];
        let number = conn.number;
        let before = std::mem::replace(&mut conn.client, ClientEnd::Closed);
        let kind = match (before, end) {
            (ClientEnd::Closed, _) => return,
            (ClientEnd::Connecting, End::TimedOut) => {
                Kind::ConnectFailed { conn: number, error: "TimedOut".into() }
            }
            (ClientEnd::Connecting, _) => {
                Kind::ConnectFailed { conn: number, error: "ConnectionRefused".into() }
            }
            (_, end) => Kind::Ended { conn: number, end },
        };
        self.log.push(Lane::Client, kind);
        match before {
            ClientEnd::Connecting | ClientEnd::Asking => {
                self.end_request(index, Err(Fault::Network));
            }
            ClientEnd::Socket(socket) => {
                self.forget_socket(index);
                self.tell(session::Input::Ended(socket, None));
            }
            ClientEnd::Idle => {}
            ClientEnd::Closing(_) | ClientEnd::Closed => {
                self.forget_socket(index);
                self.deliver();
            }
        }
    }

    fn answered(&mut self, index: usize, answer: Answer) {
        let conn = &mut self.conns[index];
        if conn.client != ClientEnd::Asking {
            return;
        }
        let (endpoint, message) = conn.asked.clone();
        let Answer { status, retry_after, body } = answer;
        let told = Kind::Answer {
            conn: conn.number,
            endpoint,
            status,
            retry_after: retry_after.clone(),
            message,
        };
        self.log.push(Lane::Client, told);
        if let (Body::Upgraded, Purpose::Dial(op)) = (&body, conn.purpose) {
            conn.client = ClientEnd::Socket(op);
            if let Some(running) = &mut self.client.running {
                running.take(Purpose::Dial(op));
                running.sockets.push((op, index));
            }
            return self.tell(session::Input::Dialed(op, Ok(())));
        }
        let is_handshake = endpoint == Endpoint::Socket;
        // A handshake's connection is good for nothing else.
        if is_handshake {
            self.client_close(index);
        } else {
            self.conns[index].client = ClientEnd::Idle;
            if let Some(running) = &mut self.client.running {
                running.idle.push(index);
            }
        }
        let result = match body {
            Body::Refused(code) if is_handshake || !(200..300).contains(&status) => {
                let code = if is_handshake { String::new() } else { code };
                Err(Fault::Status { status, code, retry_after })
            }
            // A success that is none of what the protocol promises.
            Body::Refused(_) => Err(Fault::Malformed),
            body => Ok(body),
        };
        self.end_request(index, result);
    }

    fn end_request(&mut self, index: usize, result: Result<Body, Fault>) {
        let purpose = self.conns[index].purpose;
        let Some(running) = &mut self.client.running else { return };
        if running.take(purpose).is_none() {
            return;
        }
        let issued = |result: Result<Body, Fault>| match result {
            Ok(Body::Granted(issued)) => Ok(issued),
            other => Err(other.err().unwrap_or(Fault::Malformed)),
        };
        running.mail.push_back(match purpose {
            Purpose::Create(op) => Mail::Session(session::Input::Created(op, issued(result))),
            Purpose::Refresh(op) => Mail::Session(session::Input::Refreshed(op, issued(result))),
            Purpose::History(op) => Mail::Session(session::Input::History(
                op,
                match result {
                    Ok(Body::Page(page)) => Ok(page),
                    other => Err(other.err().unwrap_or(Fault::Malformed)),
                },
            )),
            Purpose::Dial(op) => {
                let fault = result.err().unwrap_or(Fault::Malformed);
                Mail::Session(session::Input::Dialed(op, Err(fault)))
            }
            Purpose::Post { attempt, id } => {
                let result = match result {
                    Ok(Body::Acked(acked)) if acked.parse() == Ok(id) => Ok(()),
                    other => Err(other.err().unwrap_or(Fault::Malformed)),
                };
                Mail::Outbox(outbox::Input::Posted { attempt, result })
            }
        });
        self.deliver();
    }

    fn heard(&mut self, index: usize, frame: Frame, payload: Payload) {
        let conn = &self.conns[index];
        let (number, end) = (conn.number, conn.client);
        let is_ping = frame == Frame::Ping;
        let closes = if let Frame::Close(code) = &frame { Some(*code) } else { None };
        self.log.push(Lane::Client, Kind::FrameIn { conn: number, frame });
        match (end, closes) {
            (ClientEnd::Socket(socket), None) => {
                if is_ping {
                    self.client_frame(index, Frame::Pong, Payload::None);
                }
                self.tell(session::Input::Frame(socket, incoming(payload)));
            }
            (ClientEnd::Socket(socket), Some(code)) => {
                let code = code.unwrap_or(NO_STATUS);
                let answer = if code == NO_STATUS { 1000 } else { code };
                self.client_frame(index, Frame::Close(Some(answer)), Payload::None);
                self.client_close(index);
                self.forget_socket(index);
                self.tell(session::Input::Ended(socket, Some(code)));
            }
            (ClientEnd::Closing(_), Some(_)) => {
                self.client_close(index);
                self.forget_socket(index);
                self.deliver();
            }
            _ => {}
        }
    }

    fn heard_part(&mut self, index: usize) {
        let conn = &mut self.conns[index];
        let told = conn.partial_told[0];
        if told.is_some_and(|told| self.now < told + PARTIAL_EVERY) {
            return;
        }
        conn.partial_told[0] = Some(self.now);
        let (number, end) = (conn.number, conn.client);
        self.log.push(Lane::Client, Kind::Partial { conn: number });
        if let ClientEnd::Socket(socket) = end {
            self.tell(session::Input::Frame(socket, Incoming::Alive));
        }
    }
}

fn who(guest: Credentials) -> (String, String) {
    (guest.token, guest.instance)
}

/// What the client's transport makes of a frame.
fn incoming(payload: Payload) -> Incoming {
    match payload {
        Payload::None => Incoming::Alive,
        Payload::Text(text) => wire::frame(&Bytes::from(text)),
        Payload::Ack(id) => match id.parse() {
            Ok(id) => Incoming::Ack { id },
            Err(_) => Incoming::Odd(Notice::MalformedFrame("acknowledges no message id".into())),
        },
        Payload::Refusal(refusal) => Incoming::Error {
            id: refusal.message_id.as_deref().and_then(|id| id.parse().ok()),
            fault: Fault::Status {
                status: refusal.status,
                code: String::from(refusal.code.clone()),
                retry_after: refusal.retry_after.as_ref().map(super::cloud::hint),
            },
        },
    }
}
