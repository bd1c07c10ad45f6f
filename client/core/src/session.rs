//! The session: one guest, at most one socket, one reconnect flow.
//!
//! Every request, socket and timer carries a generation, and what belongs to an old one is void. It
//! refuses to give up on what may pass (unless told to) and to retry what will not.

use std::collections::BTreeMap;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::backoff::{Backoff, BackoffConfig};
use super::close_codes;
use super::credentials::{Credentials, Issued, SavedGuest};
use super::health::{Check, Health, HealthConfig};
use super::identity::{Blame, Identity, RefreshWait};
use super::inbound::{self, Cursor, Page};
use super::request_error::RequestError;
use super::retry_after;
use super::statuses::{self, Reaction};
use super::time::{Instant, Now, Wall};
use super::types::{Inbound, Notice, State, TerminalReason, Why};
use super::waits::{Call, Waits};

/// The numbers of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionConfig {
    /// Longest wait for a WebSocket handshake. Default 10 s (article 000 has none; a handshake
    /// that takes longer than a few round trips will not come).
    pub connect_deadline: Duration,
    /// Longest wait for any other answer. Default 10 s, as above.
    pub request_deadline: Duration,
    /// Delays between tries.
    pub backoff: BackoffConfig,
    /// A socket that was heard of for this long resets the backoff. Default 10 s: longer than a
    /// server that accepts and drops at once would bear (reconnecting-websocket takes 5 s).
    pub stable_after: Duration,
    /// Tries in a row before giving up, counted anew when the user asks to reconnect; `None`, the
    /// default, never gives up. Article 000 gives up after 5, which turns a long outage into a dead
    /// client.
    pub max_attempts: Option<u32>,
    /// The probe of an open socket.
    pub health: HealthConfig,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            connect_deadline: Duration::from_secs(10),
            request_deadline: Duration::from_secs(10),
            backoff: BackoffConfig::default(),
            stable_after: Duration::from_secs(10),
            max_attempts: None,
            health: HealthConfig::default(),
        }
    }
}

/// One thing under way, with its generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Op {
    /// Creating a guest.
    Create(u64),
    /// Refreshing the token.
    Refresh(u64),
    /// Opening a socket; the generation becomes that of the socket.
    Dial(u64),
    /// Fetching missed messages.
    History(u64),
    /// Sending a message by REST, which the outbox does.
    Post(u64),
}

/// A frame that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// Ping, pong: a sign of life and nothing else.
    Alive,
    /// The server has a message.
    Ack {
        /// Its idempotency key.
        id: Uuid,
    },
    /// The agent wrote.
    Message(Inbound),
    /// The server refuses something.
    Error {
        /// The message it is about, if any.
        id: Option<Uuid>,
        /// What it says.
        fault: RequestError,
    },
    /// Something to report.
    Odd(Notice),
}

/// What happens to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Begin, with what a journal remembered.
    Start(Option<SavedGuest>),
    /// Time may have passed.
    Tick,
    /// The application (or "the network is back") asks to try now.
    Reconnect,
    /// End everything.
    Shutdown,
    /// A guest creation ended.
    Created(u64, Result<Issued, RequestError>),
    /// A token refresh ended.
    Refreshed(u64, Result<Issued, RequestError>),
    /// A handshake ended.
    Dialed(u64, Result<(), RequestError>),
    /// A history request ended.
    History(u64, Result<Page, RequestError>),
    /// A frame came in on a socket.
    Frame(u64, Incoming),
    /// A socket ended, with the code of the close frame if there was one.
    Ended(u64, Option<u16>),
    /// The outbox wants a message written.
    Transmit {
        /// The socket it was meant for.
        socket: u64,
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
    /// The token of this generation was answered with 401 elsewhere.
    TokenRejected(u64),
    /// The current token was accepted elsewhere.
    TokenAccepted,
    /// This guest was answered with 404 or 410 elsewhere.
    GuestGone(String),
}

/// What the session wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Create a guest.
    Create(u64),
    /// Exchange this token for a new one.
    Refresh(u64, Credentials),
    /// Open a socket.
    Dial(u64, Credentials),
    /// Fetch missed messages after a sequence.
    History(u64, Credentials, u64),
    /// Stop an operation; its result is void.
    Cancel(Op),
    /// Send a ping on a socket.
    Ping(u64),
    /// Write a message on a socket.
    Transmit {
        /// The open socket.
        socket: u64,
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
    /// Close a socket: with a close frame of this code, or just drop it.
    Close(u64, Option<u16>),
    /// The state changed.
    State(State),
    /// For the outbox: the open socket, or none.
    Link(Option<u64>),
    /// For the outbox: how to speak for the guest, or not at all.
    Credentials(Option<Credentials>),
    /// For the outbox: the server has a message.
    Acked(Uuid),
    /// For the outbox: the server refuses a message (or, with `None`, any of them).
    MessageFault(Option<Uuid>, RequestError),
    /// For the outbox: the conversation of everything pending is gone.
    ConversationGone,
    /// Show a message of the agent.
    Show(Inbound),
    /// Remember the cursor.
    SaveCursor(u64),
    /// Remember that the message of this id, which has no number, was shown at this time.
    SaveSeen(String, Wall),
    /// Remember the guest.
    SaveGuest(SavedGuest),
    /// Remember that a server asked to be left alone until then.
    SaveNotBefore(Call, Wall),
    /// Remember how many tries have failed, and when the next one is due.
    SaveBackoff {
        /// In a row; 0 when a session has proven itself.
        failures: u32,
        /// When the next one is due.
        until: Wall,
    },
    /// Tell the application.
    Notice(Notice),
    /// Nothing will be wanted any more.
    Finished,
}

#[derive(Debug, Clone)]
enum Phase {
    Idle,
    Creating { op: u64, deadline: Instant },
    Refreshing,
    Dialing { op: u64, deadline: Instant, token: u64 },
    Open { socket: u64, since: Instant, health: Health },
    Waiting { until: Instant, told_until: Instant, why: Why },
    Terminal(TerminalReason),
    Closed,
}

/// The state machine of one client's session.
#[derive(Debug, Clone)]
pub struct Session {
    config: SessionConfig,
    rng: ChaCha8Rng,
    phase: Phase,
    backoff: Backoff,
    /// Failures in a row when the user last asked to reconnect: tries are counted from there.
    forgiven: u32,
    identity: Identity,
    cursor: Cursor,
    /// Until when a server asked for no guest to be created and no socket to be opened.
    not_before: BTreeMap<Call, Instant>,
    /// When a try that the client before this one waited for is due.
    resume_at: Instant,
    /// Generation of the token that the last history request carried.
    history_token: u64,
    generation: u64,
    told_state: Option<State>,
    told_link: Option<u64>,
    told_credentials: Option<u64>,
}

impl Session {
    /// A session that has not begun, its cursor at `sequence`.
    #[must_use]
    pub fn new(config: SessionConfig, sequence: u64, rng: ChaCha8Rng) -> Self {
        let mut cursor_rng = rng.clone();
        cursor_rng.set_stream(rng.get_stream().wrapping_add(1 << 32));
        let cursor = Cursor::new(sequence, config.request_deadline, config.backoff, cursor_rng);
        Self {
            backoff: Backoff::new(config.backoff),
            identity: Identity::new(config.backoff),
            config,
            rng,
            phase: Phase::Idle,
            forgiven: 0,
            cursor,
            not_before: BTreeMap::new(),
            resume_at: Instant::ZERO,
            history_token: 0,
            generation: 0,
            told_state: None,
            told_link: None,
            told_credentials: None,
        }
    }

    /// The same session, having shown messages without a number before, the oldest first.
    #[must_use]
    pub fn having_seen(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        self.cursor = self.cursor.having_seen(ids);
        self
    }

    /// The same session, going on with the waits of the client before it.
    #[must_use]
    pub fn inheriting(mut self, now: Now, waits: &Waits) -> Self {
        let until = |call| now.mono + waits.told_left(call, now.wall);
        self.not_before = [Call::Guests, Call::Socket].map(|call| (call, until(call))).into();
        self.identity.inherit(now, waits, &mut self.rng);
        self.cursor = self.cursor.not_before(until(Call::History));
        self.backoff = self.backoff.after(waits.failures);
        self.resume_at = now.mono + waits.backoff_left(now.wall, self.config.backoff.cap);
        self
    }

    /// The state as the application sees it.
    #[must_use]
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Idle | Phase::Creating { .. } | Phase::Refreshing | Phase::Dialing { .. } => {
                State::Connecting
            }
            Phase::Open { .. } => State::Open,
            Phase::Waiting { until, why, .. } => State::Waiting { until: *until, why: *why },
            Phase::Terminal(reason) => State::Terminal(*reason),
            Phase::Closed => State::Closed,
        }
    }

    /// Takes one input and appends what the session wants done.
    pub fn on(&mut self, now: Now, input: Input, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Closed) {
            return;
        }
        // What has arrived counts before the clock does, even if it is read late; and whoever ends
        // begins nothing.
        let news = matches!(
            input,
            Input::Frame(..)
                | Input::Created(..)
                | Input::Refreshed(..)
                | Input::Dialed(..)
                | Input::History(..)
                | Input::Ended(..)
                | Input::Shutdown
        );
        if !news {
            self.tick(now, out);
        }
        match input {
            Input::Start(saved) => self.start(now, saved, out),
            Input::Tick => {}
            Input::Reconnect => self.reconnect(now, out),
            Input::Shutdown => self.shut_down(now, out),
            Input::Created(op, result) => self.created(now, op, result, out),
            Input::Refreshed(op, result) => self.refreshed(now, op, result, out),
            Input::Dialed(op, result) => self.dialed(now, op, result, out),
            Input::History(op, result) => self.history(now, op, result, out),
            Input::Frame(socket, frame) => self.frame(now, socket, frame, out),
            Input::Ended(socket, code) => self.ended(now, socket, code, out),
            Input::Transmit { socket, id, text } => {
                if self.open_socket() == Some(socket) {
                    out.push(Effect::Transmit { socket, id, text });
                }
            }
            Input::TokenRejected(generation) => self.token_rejected(now, generation, out),
            Input::TokenAccepted => self.identity.accepted(),
            Input::GuestGone(instance) => {
                if self.identity.is_of(&instance) {
                    self.guest_gone(now, out);
                }
            }
        }
        self.tell(now, out);
    }

    /// When [`Input::Tick`] next has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let phase = match &self.phase {
            Phase::Creating { deadline, .. } | Phase::Dialing { deadline, .. } => Some(*deadline),
            Phase::Waiting { until, .. } => Some(*until),
            Phase::Open { health, .. } => Some(health.next_deadline()),
            _ => None,
        };
        let is_open = self.open_socket().is_some();
        let refresh_due = self.identity.refresh_due().filter(|_| is_open);
        let refresh = self.identity.refresh_deadline().or(refresh_due);
        let stale = self.identity.stale_at().filter(|_| self.told_credentials.is_some());
        [phase, refresh, stale, self.cursor.next_deadline()].into_iter().flatten().min()
    }

    fn open_socket(&self) -> Option<u64> {
        match self.phase {
            Phase::Open { socket, .. } => Some(socket),
            _ => None,
        }
    }

    fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Effect>) {
        if let Some(op) = self.identity.overdue_refresh(now.mono) {
            out.push(Effect::Cancel(Op::Refresh(op)));
            self.refreshed(now, op, Err(RequestError::Timeout), out);
        }
        match &mut self.phase {
            Phase::Creating { op, deadline } if now.mono >= *deadline => {
                out.push(Effect::Cancel(Op::Create(*op)));
                self.failed(now, Why::Timeout, Duration::ZERO, out);
            }
            Phase::Dialing { op, deadline, .. } if now.mono >= *deadline => {
                out.push(Effect::Cancel(Op::Dial(*op)));
                self.failed(now, Why::Timeout, Duration::ZERO, out);
            }
            Phase::Waiting { until, .. } if now.mono >= *until => self.begin(now, out),
            Phase::Open { socket, health, .. } => match health.check(now.mono) {
                Check::Wait => {}
                Check::Probe => out.push(Effect::Ping(*socket)),
                Check::Dead => {
                    self.leave_socket(now, None, out);
                    self.failed(now, Why::DeadPeer, Duration::ZERO, out);
                }
            },
            _ => {}
        }
        if self.open_socket().is_some()
            && self.identity.refresh_due().is_some_and(|due| now.mono >= due)
        {
            self.start_refresh(now, out);
        }
        self.inbound(now, inbound::Input::Tick, out);
    }

    fn start(&mut self, now: Now, saved: Option<SavedGuest>, out: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Idle) {
            return;
        }
        if let Some(saved) = saved {
            let generation = self.next_generation();
            self.identity.restore(now, saved, generation);
        }
        if now.mono >= self.resume_at {
            return self.begin(now, out);
        }
        let told_until = self.shut_until(self.identity.next_call(now.mono));
        let until = self.resume_at.max(told_until);
        self.phase = Phase::Waiting { until, told_until, why: Why::Earlier };
    }

    /// Until when a server asked to be left alone there.
    fn shut_until(&self, call: Call) -> Instant {
        match call {
            Call::Refresh => self.identity.refresh_wait().told_until,
            call => self.not_before.get(&call).copied().unwrap_or_default(),
        }
    }

    fn reconnect(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.forgiven = self.backoff.failures();
        self.identity.accepted();
        match self.phase {
            Phase::Terminal(_) => {
                self.identity.forgive();
                self.begin(now, out);
            }
            Phase::Waiting { told_until, why, .. } => {
                // Whoever comes next need not wait either.
                let (failures, until) = (self.backoff.failures(), now.wall);
                out.push(Effect::SaveBackoff { failures, until });
                if now.mono >= told_until {
                    return self.begin(now, out);
                }
                self.phase = Phase::Waiting { until: told_until, told_until, why };
            }
            _ => {}
        }
    }

    fn shut_down(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.cancel_all(Some(close_codes::NORMAL), out);
        self.phase = Phase::Closed;
        self.tell(now, out);
        out.push(Effect::Finished);
    }

    /// Starts one try: a guest if there is none, a token if ours is stale, then a socket.
    fn begin(&mut self, now: Now, out: &mut Vec<Effect>) {
        let call = self.identity.next_call(now.mono);
        let told_until = self.shut_until(call);
        // A refresh may be under way already; its wait is looked at below.
        if call != Call::Refresh && now.mono < told_until {
            let left = told_until.since(now.mono);
            let until = now.mono + retry_after::spread(left, Duration::ZERO, &mut self.rng);
            self.phase = Phase::Waiting { until, told_until, why: Why::Earlier };
            return;
        }
        let deadline = now.mono + self.config.request_deadline;
        if call == Call::Guests {
            let op = self.next_generation();
            self.phase = Phase::Creating { op, deadline };
            return out.push(Effect::Create(op));
        }
        if let Some(credentials) = self.identity.usable(now.mono).cloned() {
            let op = self.next_generation();
            let deadline = now.mono + self.config.connect_deadline;
            self.phase = Phase::Dialing { op, deadline, token: credentials.generation };
            return out.push(Effect::Dial(op, credentials));
        }
        if !self.identity.is_refreshing() {
            let RefreshWait { until, told_until, why } = self.identity.refresh_wait();
            if now.mono < until {
                self.phase = Phase::Waiting { until, told_until, why };
                return;
            }
            self.start_refresh(now, out);
        }
        self.phase = Phase::Refreshing;
    }

    fn start_refresh(&mut self, now: Now, out: &mut Vec<Effect>) {
        let op = self.next_generation();
        let deadline = now.mono + self.config.request_deadline;
        let credentials = self.identity.begin_refresh(op, deadline);
        out.extend(credentials.map(|credentials| Effect::Refresh(op, credentials)));
    }

    /// Ends one try that may succeed later.
    fn failed(&mut self, now: Now, why: Why, told: Duration, out: &mut Vec<Effect>) {
        let attempts = self.backoff.failures() + 1 - self.forgiven;
        if self.config.max_attempts.is_some_and(|max| attempts >= max) {
            self.forget_failures(now, out);
            return self.terminate(now, TerminalReason::GaveUp(attempts), out);
        }
        let delay = self.backoff.next_delay(&mut self.rng);
        let until = now.mono + retry_after::spread(told, delay, &mut self.rng);
        self.phase = Phase::Waiting { until, told_until: now.mono + told, why };
        let (failures, until) = (self.backoff.failures(), now.wall + delay);
        out.push(Effect::SaveBackoff { failures, until });
    }

    fn failed_by(&mut self, now: Now, call: Call, fault: &RequestError, out: &mut Vec<Effect>) {
        let told = self.told(now, call, fault, out);
        self.failed(now, fault.why(), told, out);
    }

    fn terminate(&mut self, now: Now, reason: TerminalReason, out: &mut Vec<Effect>) {
        self.leave_socket(now, Some(close_codes::NORMAL), out);
        self.cancel_all(None, out);
        self.phase = Phase::Terminal(reason);
    }

    fn cancel_all(&mut self, close_code: Option<u16>, out: &mut Vec<Effect>) {
        match self.phase {
            Phase::Creating { op, .. } => out.push(Effect::Cancel(Op::Create(op))),
            Phase::Dialing { op, .. } => out.push(Effect::Cancel(Op::Dial(op))),
            Phase::Open { socket, .. } => out.push(Effect::Close(socket, close_code)),
            _ => {}
        }
        out.extend(self.identity.cancel_refresh().map(|op| Effect::Cancel(Op::Refresh(op))));
        // Closing needs no time, so any reading of the clock will do.
        self.inbound(Now::default(), inbound::Input::Closed, out);
    }

    /// Leaves an open socket behind: closed, accounted for, and its events void from here on.
    fn leave_socket(&mut self, now: Now, code: Option<u16>, out: &mut Vec<Effect>) {
        let Phase::Open { socket, .. } = self.phase else { return };
        out.push(Effect::Close(socket, code));
        self.account_for_socket(now, out);
    }

    fn account_for_socket(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.phase = Phase::Idle;
        self.inbound(now, inbound::Input::Closed, out);
    }

    /// Forgets the failures before a session as soon as it has proven itself.
    fn prove(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Phase::Open { since, health, .. } = &self.phase else { return };
        // The silence before its death is no part of a session's life.
        if health.last_sign().since(*since) >= self.config.stable_after {
            self.forget_failures(now, out);
        }
    }

    fn forget_failures(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.forgiven = 0;
        if self.backoff.failures() > 0 {
            self.backoff.reset();
            out.push(Effect::SaveBackoff { failures: 0, until: now.wall });
        }
    }

    /// The wait a fault asks for, which is remembered; one beyond the bound is reported.
    fn told(
        &mut self,
        now: Now,
        call: Call,
        fault: &RequestError,
        out: &mut Vec<Effect>,
    ) -> Duration {
        let told = fault.told(now.wall);
        out.extend(told.notice().map(Effect::Notice));
        if !told.wait.is_zero() {
            self.not_before.insert(call, now.mono + told.wait);
            out.push(Effect::SaveNotBefore(call, now.wall + told.wait));
        }
        told.wait
    }

    fn created(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Issued, RequestError>,
        out: &mut Vec<Effect>,
    ) {
        if !matches!(self.phase, Phase::Creating { op: current, .. } if current == op) {
            return;
        }
        let issued = match result {
            Ok(issued) => issued,
            Err(fault) => {
                return match terminal(&fault) {
                    Some(reason) => self.terminate(now, reason, out),
                    None => self.failed_by(now, Call::Guests, &fault, out),
                };
            }
        };
        if let Some(old) = self.identity.take_gone() {
            let new = issued.instance.clone();
            out.push(Effect::Notice(Notice::GuestReplaced { old, new }));
        }
        self.inbound(now, inbound::Input::Reset, out);
        self.adopt(now, issued, out);
        self.begin(now, out);
    }

    fn refreshed(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Issued, RequestError>,
        out: &mut Vec<Effect>,
    ) {
        match self.identity.refreshed(op, result) {
            Some(Ok(issued)) => {
                self.adopt(now, issued, out);
                if matches!(self.phase, Phase::Refreshing) {
                    self.begin(now, out);
                }
            }
            Some(Err(fault)) => self.refresh_failed(now, &fault, out),
            None => {}
        }
    }

    fn refresh_failed(&mut self, now: Now, fault: &RequestError, out: &mut Vec<Effect>) {
        if fault.reaction() == Reaction::Gone {
            return self.guest_gone(now, out);
        }
        let told = self.told(now, Call::Refresh, fault, out);
        self.identity.refresh_failed(now.mono, fault, told, &mut self.rng);
        // An open socket outlives a failed refresh for as long as the old token may still be good.
        let token_lives = self.identity.token_lives(now.mono);
        match (&self.phase, terminal(fault)) {
            (Phase::Open { .. }, Some(reason)) if !token_lives => {
                self.terminate(now, reason, out);
            }
            (Phase::Refreshing, Some(reason)) => self.terminate(now, reason, out),
            (Phase::Refreshing, None) => {
                self.identity.forgive();
                self.failed(now, fault.why(), told, out);
            }
            _ => {}
        }
    }

    /// Takes over a token, new guest or not.
    fn adopt(&mut self, now: Now, issued: Issued, out: &mut Vec<Effect>) {
        let generation = self.next_generation();
        let (saved, assumed) = self.identity.adopt(now, issued, generation);
        out.extend(assumed.map(|life| Effect::Notice(Notice::ExpiryAssumed(life))));
        out.push(Effect::SaveGuest(saved));
    }

    fn dialed(
        &mut self,
        now: Now,
        op: u64,
        result: Result<(), RequestError>,
        out: &mut Vec<Effect>,
    ) {
        let token = match self.phase {
            Phase::Dialing { op: current, token, .. } if current == op => token,
            _ => {
                if result.is_ok() {
                    out.push(Effect::Close(op, None));
                }
                return;
            }
        };
        let Err(fault) = result else {
            let health = Health::opened(self.config.health, now.mono);
            self.identity.accepted();
            self.phase = Phase::Open { socket: op, since: now.mono, health };
            out.push(Effect::Ping(op));
            return self.inbound(now, inbound::Input::Opened, out);
        };
        match fault.reaction() {
            Reaction::Gone => self.guest_gone(now, out),
            // Whoever answered knows no such path, and a handshake's refusal carries no code that
            // would say who that was. A refresh does: it comes first before the next try.
            _ if fault.status() == Some(statuses::NOT_FOUND) => {
                self.identity.demand_refresh();
                self.failed_by(now, Call::Socket, &fault, out);
            }
            Reaction::Unauthorized if self.blame(now, token, out) => self.begin(now, out),
            _ => match terminal(&fault) {
                Some(reason) => self.terminate(now, reason, out),
                None => self.failed_by(now, Call::Socket, &fault, out),
            },
        }
    }

    fn history(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Page, RequestError>,
        out: &mut Vec<Effect>,
    ) {
        if !self.cursor.is_fetching(op) {
            return;
        }
        let reaction = result.as_ref().err().map(RequestError::reaction);
        self.inbound(now, inbound::Input::Page { op, result }, out);
        if self.identity.credentials().is_none() || self.open_socket().is_none() {
            return;
        }
        match reaction {
            None => self.identity.accepted(),
            Some(Reaction::Gone) => self.guest_gone(now, out),
            Some(Reaction::Unauthorized) => self.token_rejected(now, self.history_token, out),
            Some(_) => {}
        }
    }

    fn token_rejected(&mut self, now: Now, generation: u64, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Terminal(_)) {
            // Only `reconnect` leaves this state; it will begin with a refresh.
            if self.identity.is_current(generation) {
                self.identity.demand_refresh();
            }
            return;
        }
        if !self.blame(now, generation, out) {
            // Whoever was told 401 does without this token: the next try begins with another.
            self.identity.demand_refresh();
            return self.terminate(now, TerminalReason::Unauthorized, out);
        }
        // A handshake that has not left yet would only hear the same.
        if let Phase::Dialing { op, token, .. } = self.phase
            && token == generation
            && self.identity.needs_refresh()
        {
            out.push(Effect::Cancel(Op::Dial(op)));
            return self.begin(now, out);
        }
        if self.identity.needs_refresh()
            && self.open_socket().is_some()
            && self.identity.refresh_due().is_some_and(|due| now.mono >= due)
        {
            self.start_refresh(now, out);
        }
    }

    /// Takes a 401 into account. False when no refresh will cure it.
    fn blame(&mut self, now: Now, generation: u64, out: &mut Vec<Effect>) -> bool {
        match self.identity.blame(now.wall, generation) {
            Blame::Known => true,
            Blame::Dead(saved) => {
                out.push(Effect::SaveGuest(saved));
                true
            }
            Blame::Incurable => false,
        }
    }

    fn guest_gone(&mut self, now: Now, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Terminal(_)) {
            // Only `reconnect` leaves this state; its refresh will say so again.
            self.identity.demand_refresh();
            return;
        }
        if !self.identity.lose() {
            return;
        }
        self.leave_socket(now, Some(close_codes::NORMAL), out);
        self.cancel_all(None, out);
        out.push(Effect::ConversationGone);
        // Straight to a new guest would let a server that forgets each one set the pace.
        self.failed(now, Why::GuestGone, Duration::ZERO, out);
    }

    fn frame(&mut self, now: Now, from: u64, frame: Incoming, out: &mut Vec<Effect>) {
        let Phase::Open { socket, health, .. } = &mut self.phase else { return };
        if *socket != from {
            return;
        }
        health.inbound(now.mono);
        self.prove(now, out);
        match frame {
            Incoming::Alive => {}
            Incoming::Ack { id } => out.push(Effect::Acked(id)),
            Incoming::Message(message) => self.inbound(now, inbound::Input::Live(message), out),
            Incoming::Error { id, fault } => out.push(Effect::MessageFault(id, fault)),
            Incoming::Odd(notice) => out.push(Effect::Notice(notice)),
        }
    }

    fn ended(&mut self, now: Now, socket: u64, code: Option<u16>, out: &mut Vec<Effect>) {
        if self.open_socket() != Some(socket) {
            return;
        }
        self.account_for_socket(now, out);
        let code = code.unwrap_or(close_codes::ABNORMAL);
        match close_codes::terminal(code) {
            Some(reason) => self.terminate(now, reason, out),
            None => self.failed(now, Why::Closed(code), Duration::ZERO, out),
        }
    }

    fn inbound(&mut self, now: Now, input: inbound::Input, out: &mut Vec<Effect>) {
        let mut effects = Vec::new();
        self.cursor.on(now, input, &mut effects);
        for effect in effects {
            match effect {
                inbound::Effect::Show(message) => out.push(Effect::Show(message)),
                inbound::Effect::Cursor(sequence) => out.push(Effect::SaveCursor(sequence)),
                inbound::Effect::Seen(id) => out.push(Effect::SaveSeen(id, now.wall)),
                inbound::Effect::Cancel { op } => out.push(Effect::Cancel(Op::History(op))),
                inbound::Effect::Notice(notice) => out.push(Effect::Notice(notice)),
                inbound::Effect::NotBefore(until) => {
                    out.push(Effect::SaveNotBefore(Call::History, until));
                }
                inbound::Effect::Fetch { op, after } => {
                    let guest = self.identity.credentials().cloned();
                    let guest = guest.expect("a socket is open, so a guest is known");
                    self.history_token = guest.generation;
                    out.push(Effect::History(op, guest, after));
                }
            }
        }
    }

    /// Tells the outbox and the application what has changed, once, whatever path led here.
    fn tell(&mut self, now: Now, out: &mut Vec<Effect>) {
        let muted = matches!(self.phase, Phase::Terminal(_) | Phase::Closed);
        let credentials = self.identity.usable(now.mono).filter(|_| !muted);
        let generation = credentials.map(|credentials| credentials.generation);
        if generation != self.told_credentials {
            out.push(Effect::Credentials(credentials.cloned()));
            self.told_credentials = generation;
            self.inbound(now, inbound::Input::Token(generation.is_some()), out);
        }
        let link = self.open_socket();
        if link != self.told_link {
            out.push(Effect::Link(link));
            self.told_link = link;
        }
        let state = self.state();
        if self.told_state.as_ref() != Some(&state) {
            self.told_state = Some(state.clone());
            out.push(Effect::State(state));
        }
    }
}

/// The terminal reason a fault amounts to, if any. Gone is one where there is nothing to replace;
/// whoever has a guest that can be gone asks for that first.
fn terminal(fault: &RequestError) -> Option<TerminalReason> {
    match fault.reaction() {
        Reaction::Unauthorized => Some(TerminalReason::Unauthorized),
        Reaction::Forbidden => Some(TerminalReason::Forbidden),
        Reaction::Refused | Reaction::Gone => fault.status().map(TerminalReason::Refused),
        Reaction::Transient => None,
    }
}
