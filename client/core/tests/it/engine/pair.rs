//! An engine and the plainest server, with a link between them and one clock.

use std::collections::VecDeque;
use std::time::Duration;

use holdline_core::config::Config;
use holdline_core::credentials::Issued;
use holdline_core::engine::{Engine, Frame, Input, Output, Request};
use holdline_core::inbound::Page;
use holdline_core::journal::{Entry, Saved};
use holdline_core::machines::Ids;
use holdline_core::outbox::{self, Draft};
use holdline_core::request_error::RequestError;
use holdline_core::session::{self, Incoming};
use holdline_core::time::{Instant, Now, Wall};
use holdline_core::types::{Event, Outcome, State};
use uuid::Uuid;

/// How long everything takes one way.
const LATENCY: Duration = Duration::from_millis(10);
/// No test needs more steps.
const STEPS_MAX: usize = 10_000;

/// What the server does, and has.
#[derive(Default)]
pub(super) struct Server {
    /// What it has taken, in order: text and whether it came over the socket.
    pub(super) messages: Vec<(String, bool)>,
    /// The names of all requests, in order.
    pub(super) requests: Vec<&'static str>,
    /// Answers to come, instead of good ones.
    pub(super) refusals: VecDeque<(&'static str, RequestError)>,
    /// It takes frames and answers none.
    pub(super) is_deaf: bool,
    ids: Vec<Uuid>,
    tokens: u32,
}

/// See the module's documentation.
pub(super) struct Pair {
    pub(super) engine: Engine,
    pub(super) server: Server,
    pub(super) saved: Saved,
    pub(super) events: Vec<Event>,
    pub(super) closed: Vec<(u64, Option<u16>)>,
    pub(super) left: bool,
    pub(super) finished: bool,
    pub(super) socket: Option<u64>,
    ids: Ids,
    now: Now,
    /// What is on its way to the engine, in order of arrival.
    in_the_air: VecDeque<(Instant, Input)>,
}

impl Pair {
    pub(super) fn new() -> Self {
        Self::going_on(Saved::default())
    }

    /// With what an engine before has left.
    pub(super) fn going_on(saved: Saved) -> Self {
        let wall = Wall::new(Duration::from_secs(1_700_000_000));
        let now = Now { mono: Instant::ZERO, wall };
        let (engine, ids) = Engine::new(Config { seed: 7, ..Config::default() }, &saved, now);
        Self {
            engine,
            server: Server::default(),
            saved,
            events: Vec::new(),
            closed: Vec::new(),
            left: false,
            finished: false,
            socket: None,
            ids,
            now,
            in_the_air: VecDeque::new(),
        }
    }

    /// The application sends a message.
    pub(super) fn send(&mut self, text: &str) -> Uuid {
        let (id, at_wall) = (self.ids.draw(), self.now.wall);
        self.saved.apply(&Entry::Accepted { id, text: text.into(), at_wall });
        self.engine.handle_message(Draft { id, text: text.into(), accepted_at: at_wall });
        id
    }

    /// Something reaches the engine after it has crossed the link.
    pub(super) fn arrives(&mut self, input: impl Into<Input>) {
        self.in_the_air.push_back((self.now.mono + LATENCY, input.into()));
    }

    /// Carries out one output, or else lets time pass to whatever comes next. Whether there was
    /// anything.
    pub(super) fn step(&mut self) -> bool {
        if let Some(output) = self.engine.poll_output(self.now) {
            self.carry_out(output);
            return true;
        }
        let Some(next) = self.next_moment() else { return false };
        self.wait_until(next);
        if self.in_the_air.front().is_some_and(|(at, _)| *at <= next)
            && let Some((_, input)) = self.in_the_air.pop_front()
        {
            self.engine.handle(input);
        } else {
            assert!(self.engine.handle_timeout(next), "a deadline that is none");
        }
        true
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output(self.now) {
            self.carry_out(output);
        }
    }

    fn next_moment(&self) -> Option<Instant> {
        let arrival = self.in_the_air.front().map(|(at, _)| *at);
        let next = arrival.into_iter().chain(self.engine.next_deadline()).min();
        next.map(|next| next.max(self.now.mono))
    }

    fn wait_until(&mut self, mono: Instant) {
        self.now = Now { mono, wall: self.now.wall + mono.since(self.now.mono) };
    }

    /// Lets everything happen that happens within `span`.
    pub(super) fn drive(&mut self, span: Duration) {
        let until = self.now.mono + span;
        loop {
            self.drain();
            if self.next_moment().is_none_or(|at| at > until) {
                return self.wait_until(until);
            }
            self.step();
        }
    }

    /// Drives until `is_there`, which must come.
    pub(super) fn drive_until(&mut self, is_there: impl Fn(&Self) -> bool) {
        for _ in 0..STEPS_MAX {
            if is_there(self) {
                return;
            }
            assert!(self.step(), "nothing happens any more: {:?}", self.events);
        }
        panic!("it never came: {:?}", self.events);
    }

    pub(super) fn drive_until_open(&mut self) {
        self.drive_until(|pair| pair.state() == Some(&State::Open));
    }

    pub(super) fn state(&self) -> Option<&State> {
        self.events.iter().rev().find_map(|event| match event {
            Event::State(state) => Some(state),
            _ => None,
        })
    }

    pub(super) fn outcomes(&self) -> Vec<(Uuid, Outcome)> {
        self.events.iter().filter_map(Event::outcome).collect()
    }

    pub(super) const fn now(&self) -> Now {
        self.now
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Call(request) => self.call(request),
            Output::Cancel(_) => {}
            Output::Write { socket, frame } => self.write(socket, frame),
            Output::Close { socket, code } => {
                self.socket = None;
                self.closed.push((socket, code));
            }
            Output::Record(entry) => self.saved.apply(&entry),
            Output::Publish(event) => self.events.push(event),
            Output::Left => self.left = true,
            Output::Finished => self.finished = true,
        }
    }

    fn call(&mut self, request: Request) {
        let input: Input = match request {
            Request::Create { op } => {
                let result = self.server.answer("create").map(|()| self.server.issue());
                session::Input::Created(op, result).into()
            }
            Request::Refresh { op, .. } => {
                let result = self.server.answer("refresh").map(|()| self.server.issue());
                session::Input::Refreshed(op, result).into()
            }
            Request::Dial { op, .. } => {
                let result = self.server.answer("dial");
                self.socket = result.is_ok().then_some(op);
                session::Input::Dialed(op, result).into()
            }
            Request::History { op, .. } => {
                let page = Page { messages: Vec::new(), more: false };
                session::Input::History(op, self.server.answer("history").map(|()| page)).into()
            }
            Request::Post { attempt, id, text, .. } => {
                let result = self.server.answer("post");
                if result.is_ok() {
                    self.server.take(id, text, false);
                }
                outbox::Input::Posted { attempt, result }.into()
            }
        };
        self.arrives(input);
    }

    fn write(&mut self, socket: u64, frame: Frame) {
        assert_eq!(self.socket, Some(socket), "it writes on a socket that is open");
        let answer = match frame {
            Frame::Ping => Incoming::Alive,
            Frame::Message { id, text } => {
                self.server.take(id, text, true);
                Incoming::Ack { id }
            }
        };
        if !self.server.is_deaf {
            self.arrives(session::Input::Frame(socket, answer));
        }
    }
}

impl Server {
    fn answer(&mut self, name: &'static str) -> Result<(), RequestError> {
        self.requests.push(name);
        if self.refusals.front().is_none_or(|(of, _)| *of != name) {
            return Ok(());
        }
        self.refusals.pop_front().map_or(Ok(()), |(_, fault)| Err(fault))
    }

    fn issue(&mut self) -> Issued {
        self.tokens += 1;
        let token = format!("token-{}", self.tokens);
        Issued { instance: "guest-1".into(), token, expires_in_s: Some(3_600) }
    }

    /// It knows each message by its id.
    fn take(&mut self, id: Uuid, text: String, by_socket: bool) {
        if !self.ids.contains(&id) {
            self.ids.push(id);
            self.messages.push((text, by_socket));
        }
    }
}

pub(super) fn refused(status: u16) -> RequestError {
    RequestError::Status { status, code: String::new(), retry_after: None }
}
