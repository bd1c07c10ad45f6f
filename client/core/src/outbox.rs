//! The outbox: every accepted message ends exactly once, in order, one in flight at a time.
//!
//! Stop and wait over two routes. With an open session and no backlog a message goes over the socket
//! (live); a backlog is flushed over REST, one by one; and with no socket for a while REST is the
//! fallback. The idempotency key is the same on every route, so a resend is never a second message.
//! It refuses to send a message whose predecessor has not ended.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

use super::backoff::{Backoff, BackoffConfig};
use super::credentials::Credentials;
use super::rate::{RateConfig, RateGate};
use super::request_error::RequestError;
use super::retry_after;
use super::statuses::{self, Reaction};
use super::time::{Instant, Now, Wall};
use super::types::{Notice, Outcome, Reason};

/// Longest wait for the answer to what is under way before another client goes on: several round
/// trips, and little of the second that a hand-over may take.
const LEAVE_WITHIN: Duration = Duration::from_millis(300);

/// The numbers of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxConfig {
    /// Messages pending at most. Default 500: four minutes at the server's pace, about what the
    /// life of a message allows to deliver. Article 000 has no bound.
    pub max_messages: usize,
    /// Bytes of text pending at most. Default 1 MiB: half of what the count could hold. Article 000
    /// has no bound.
    pub max_bytes: usize,
    /// Bytes of UTF-8 in one message at most. Default 4096, the vendor's limit for inbound text.
    pub max_text_bytes: usize,
    /// Life of a message from its acceptance. Default 300 s (article 000, `BUFFER_TTL_MS`).
    pub ttl: Duration,
    /// Wait for an acknowledgement on the socket before the message is resent by REST. Default 5 s:
    /// no public source names one; it is many round trips, and the least article 000 ever waits.
    pub ack_deadline: Duration,
    /// Longest wait for the answer to a REST send. Default 10 s, as for the session's requests.
    pub request_deadline: Duration,
    /// Time without a socket after which REST is used. Default 10 s: article 000 falls back at once;
    /// one try to reconnect is given its chance first.
    pub rest_fallback_after: Duration,
    /// Pace over both routes, resends included.
    pub rate: RateConfig,
    /// Delays between failed tries of one message.
    pub backoff: BackoffConfig,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self {
            max_messages: 500,
            max_bytes: 1 << 20,
            max_text_bytes: 4_096,
            ttl: Duration::from_mins(5),
            ack_deadline: Duration::from_secs(5),
            request_deadline: Duration::from_secs(10),
            rest_fallback_after: Duration::from_secs(10),
            rate: RateConfig::default(),
            backoff: BackoffConfig::default(),
        }
    }
}

/// A message before it enters the outbox. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// Idempotency key.
    pub id: Uuid,
    /// Text.
    pub text: String,
    /// When it was accepted; its life counts from here, also across a restart.
    pub accepted_at: Wall,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({}, {} bytes, {:?})", self.id, self.text.len(), self.accepted_at)
    }
}

/// What happens to the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time may have passed.
    Tick,
    /// The application sends a message.
    Submit(Draft),
    /// A journal remembers a message from before a restart; it was accepted then.
    Restore(Draft),
    /// The open socket, or none.
    Link(Option<u64>),
    /// How to speak for the guest, or not at all.
    Credentials(Option<Credentials>),
    /// The server has acknowledged a message on the socket.
    Acked(Uuid),
    /// The server refused a message on the socket; without an id, any of them.
    Refused(Option<Uuid>, RequestError),
    /// A REST send ended.
    Posted {
        /// Generation of the send.
        attempt: u64,
        /// Its result.
        result: Result<(), RequestError>,
    },
    /// The conversation of everything pending is gone.
    ConversationGone,
    /// Everything pending fails now.
    Shutdown,
    /// Nothing new is begun: another client goes on with what is pending.
    Leave,
}

/// What the outbox wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Write a message on the socket.
    Transmit {
        /// The open socket.
        socket: u64,
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
    /// Send a message by REST.
    Post {
        /// Generation of the send.
        attempt: u64,
        /// How to speak for the guest.
        credentials: Credentials,
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
    /// Stop a REST send; its result is void.
    CancelPost {
        /// Generation of the send.
        attempt: u64,
    },
    /// A message has ended.
    Settle {
        /// Idempotency key.
        id: Uuid,
        /// How.
        outcome: Outcome,
    },
    /// For the session: the token of this generation was answered with 401.
    TokenRejected(u64),
    /// For the session: the current token was accepted.
    TokenAccepted,
    /// For the session: this guest was answered with 404 or 410.
    GuestGone(String),
    /// Tell the application.
    Notice(Notice),
    /// Remember that the server wants no message before then.
    NotBefore(Wall),
    /// Nothing is under way any more, and nothing will be.
    Left,
}

#[derive(Debug, Clone)]
struct Pending {
    id: Uuid,
    text: String,
    expires_at: Instant,
    /// The socket has had its chance with this message.
    rest_only: bool,
}

#[derive(Debug, Clone, Copy)]
enum Route {
    Socket,
    Rest { attempt: u64, generation: u64 },
}

/// The one message under way. It may have ended already (expired): it then only keeps its
/// successors from overtaking it.
#[derive(Debug, Clone, Copy)]
struct InFlight {
    id: Uuid,
    route: Route,
    deadline: Instant,
}

/// The outbox of one client.
#[derive(Debug, Clone)]
pub struct Outbox {
    config: OutboxConfig,
    rng: ChaCha8Rng,
    queue: VecDeque<Pending>,
    bytes: usize,
    in_flight: Option<InFlight>,
    link: Option<u64>,
    offline_since: Instant,
    flushing: bool,
    credentials: Option<Credentials>,
    rejected_generation: Option<u64>,
    gate: RateGate,
    backoff: Backoff,
    hold_until: Instant,
    /// The part of that which the server asked for.
    told_until: Instant,
    attempts: u64,
    /// Until when an answer is waited for before this client leaves.
    leaves_by: Option<Instant>,
}

impl Outbox {
    /// An empty outbox, offline since `now`.
    #[must_use]
    pub fn new(config: OutboxConfig, now: Instant, rng: ChaCha8Rng) -> Self {
        Self {
            gate: RateGate::new(config.rate),
            backoff: Backoff::new(config.backoff),
            config,
            rng,
            queue: VecDeque::new(),
            bytes: 0,
            in_flight: None,
            link: None,
            offline_since: now,
            flushing: false,
            credentials: None,
            rejected_generation: None,
            hold_until: Instant::ZERO,
            told_until: Instant::ZERO,
            attempts: 0,
            leaves_by: None,
        }
    }

    /// The same outbox, after another client of the same guest: that one may have sent a moment ago,
    /// and `told` is left of a wait that it was told.
    #[must_use]
    pub fn inheriting(mut self, now: Instant, told: Duration) -> Self {
        self.gate.drain(now);
        if !told.is_zero() {
            self.told_until = now + told;
            self.hold_until = now + retry_after::spread(told, Duration::ZERO, &mut self.rng);
        }
        self
    }

    /// Messages pending.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Whether nothing is pending.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Bytes of text pending.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The REST send that is under way.
    #[must_use]
    pub fn posting(&self) -> Option<u64> {
        match self.in_flight?.route {
            Route::Rest { attempt, .. } => Some(attempt),
            Route::Socket => None,
        }
    }

    /// Takes one input and appends what the outbox wants done.
    pub fn on(&mut self, now: Now, input: Input, out: &mut Vec<Effect>) {
        match input {
            Input::Tick => {}
            Input::Submit(draft) => self.submit(now, draft, out),
            Input::Restore(draft) => self.accept(now, draft),
            Input::Link(link) => self.link_changed(now, link),
            Input::Credentials(credentials) => self.credentials_changed(credentials, out),
            Input::Acked(id) => self.acked(id, out),
            Input::Refused(id, fault) => self.refused(now, id, &fault, out),
            Input::Posted { attempt, result } => self.posted(now, attempt, result, out),
            Input::ConversationGone => self.fail_all(&Reason::ConversationGone, out),
            Input::Shutdown => self.fail_all(&Reason::ShutDown, out),
            Input::Leave => {
                self.leaves_by.get_or_insert(now.mono + LEAVE_WITHIN);
            }
        }
        // Outcomes that have arrived count before the clock does.
        self.expire(now, out);
        self.give_up_waiting(now, out);
        match self.leaves_by {
            Some(by) => self.leave(now, by, out),
            None => self.pump(now, out),
        }
    }

    /// When [`Input::Tick`] next has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let expiry = self.queue.iter().map(|pending| pending.expires_at).min();
        let next = match &self.in_flight {
            Some(flight) => {
                Some(self.leaves_by.map_or(flight.deadline, |by| by.min(flight.deadline)))
            }
            None if self.leaves_by.is_some() => None,
            None => self.queue.front().and_then(|_| self.next_send_at()),
        };
        expiry.into_iter().chain(next).min()
    }

    /// The earliest time at which the head can go; `None` when it waits for something else.
    fn next_send_at(&self) -> Option<Instant> {
        let paced = self.gate.ready_at().max(self.hold_until);
        if self.link.is_some() && self.socket_route().is_some() {
            return Some(paced);
        }
        self.usable_credentials()?;
        match self.link {
            Some(_) => Some(paced),
            None => Some(paced.max(self.offline_since + self.config.rest_fallback_after)),
        }
    }

    fn usable_credentials(&self) -> Option<&Credentials> {
        self.credentials
            .as_ref()
            .filter(|credentials| Some(credentials.generation) != self.rejected_generation)
    }

    /// The socket, when the head may use it.
    fn socket_route(&self) -> Option<u64> {
        let head_may = self.queue.front().is_some_and(|head| !head.rest_only);
        self.link.filter(|_| head_may && !self.flushing)
    }

    fn submit(&mut self, now: Now, draft: Draft, out: &mut Vec<Effect>) {
        let length = draft.text.len();
        let reason = if length > self.config.max_text_bytes {
            Reason::TooLong { bytes: length, limit: self.config.max_text_bytes }
        } else if self.queue.len() >= self.config.max_messages
            || self.bytes + length > self.config.max_bytes
        {
            Reason::BufferFull { messages: self.queue.len(), bytes: self.bytes }
        } else {
            return self.accept(now, draft);
        };
        out.push(Effect::Settle { id: draft.id, outcome: Outcome::Failed(reason) });
    }

    fn accept(&mut self, now: Now, draft: Draft) {
        let left = self.config.ttl.saturating_sub(now.wall.since(draft.accepted_at));
        self.bytes += draft.text.len();
        self.queue.push_back(Pending {
            id: draft.id,
            text: draft.text,
            expires_at: now.mono + left,
            rest_only: false,
        });
    }

    fn link_changed(&mut self, now: Now, link: Option<u64>) {
        if self.in_flight.is_some_and(|flight| matches!(flight.route, Route::Socket)) {
            self.in_flight = None;
        }
        if self.link.is_some() && link.is_none() {
            self.offline_since = now.mono;
        }
        self.link = link;
        self.flushing = link.is_some() && !self.queue.is_empty();
    }

    fn credentials_changed(&mut self, credentials: Option<Credentials>, out: &mut Vec<Effect>) {
        if credentials.is_none() {
            self.abandon_flight(out);
        }
        self.credentials = credentials;
    }

    fn acked(&mut self, id: Uuid, out: &mut Vec<Effect>) {
        if self.in_flight.is_some_and(|flight| flight.id == id) {
            self.abandon_flight(out);
        }
        // Only the head can have been sent; an acknowledgement of anything else is an echo.
        if self.queue.front().is_some_and(|head| head.id == id) {
            self.backoff.reset();
            self.end_head(Outcome::Delivered, out);
        }
    }

    fn refused(&mut self, now: Now, id: Option<Uuid>, fault: &RequestError, out: &mut Vec<Effect>) {
        let flight = self.in_flight.filter(|flight| matches!(flight.route, Route::Socket));
        match (id, flight) {
            (Some(id), Some(flight)) if flight.id == id => {
                self.in_flight = None;
                let generation = self.credentials.as_ref().map(|current| current.generation);
                self.fault(now, id, (generation, false), fault, out);
            }
            // About a message that is not under way here: it has ended or gone by REST meanwhile.
            // A limit that was reached is reached all the same, and that POST may not have left yet.
            (Some(_), _) if fault.status() == Some(statuses::TOO_MANY_REQUESTS) => {
                self.abandon_flight(out);
                self.hold(now, fault, out);
            }
            (Some(_), _) => {}
            (None, _) => {
                if let RequestError::Status { status, code, .. } = fault {
                    let notice = Notice::ServerError { status: *status, code: code.clone() };
                    out.push(Effect::Notice(notice));
                }
                if fault.status() == Some(statuses::TOO_MANY_REQUESTS) {
                    self.hold(now, fault, out);
                }
            }
        }
    }

    fn posted(
        &mut self,
        now: Now,
        attempt: u64,
        result: Result<(), RequestError>,
        out: &mut Vec<Effect>,
    ) {
        let Some(InFlight { id, route: Route::Rest { attempt: current, generation }, .. }) =
            self.in_flight
        else {
            return;
        };
        if attempt != current {
            return;
        }
        self.in_flight = None;
        match result {
            Ok(()) => {
                if self.rejected_generation.take().is_some() {
                    out.push(Effect::TokenAccepted);
                }
                self.acked(id, out);
            }
            Err(fault) => self.fault(now, id, (Some(generation), true), &fault, out),
        }
    }

    /// Reacts to a failed try of `id`, which is still the head unless it has ended meanwhile. The
    /// try went under the token of a generation, and by REST or not.
    fn fault(
        &mut self,
        now: Now,
        id: Uuid,
        (generation, was_rest): (Option<u64>, bool),
        fault: &RequestError,
        out: &mut Vec<Effect>,
    ) {
        let is_head = self.queue.front().is_some_and(|head| head.id == id);
        match fault.reaction() {
            Reaction::Unauthorized => {
                self.rejected_generation = generation;
                out.extend(generation.map(Effect::TokenRejected));
                self.insist_on_rest(id);
            }
            Reaction::Gone => {
                let current = self.credentials.as_ref();
                out.extend(current.map(|guest| Effect::GuestGone(guest.instance.clone())));
                self.rejected_generation = generation;
            }
            Reaction::Forbidden | Reaction::Refused => {
                if let (true, RequestError::Status { status, code, .. }) = (is_head, fault) {
                    let reason = Reason::Refused { status: *status, code: code.clone() };
                    self.end_head(Outcome::Failed(reason), out);
                }
            }
            Reaction::Transient => {
                self.hold(now, fault, out);
                // A limit holds on both routes; anything else may be the fault of one of them.
                match fault.status() {
                    Some(statuses::TOO_MANY_REQUESTS) => self.insist_on_rest(id),
                    _ => self.switch_route(id, was_rest),
                }
            }
        }
    }

    /// The next try goes over the socket where REST has failed, and by REST where the socket has.
    /// The id is the same, so a message that did arrive is not stored twice.
    fn switch_route(&mut self, id: Uuid, was_rest: bool) {
        if let Some(head) = self.queue.front_mut().filter(|head| head.id == id) {
            head.rest_only = !was_rest;
            self.flushing &= !was_rest;
        }
    }

    fn insist_on_rest(&mut self, id: Uuid) {
        if let Some(head) = self.queue.front_mut().filter(|head| head.id == id) {
            head.rest_only = true;
        }
    }

    /// Nothing goes out before the named time, whichever message it was named for: a successor
    /// must not overtake.
    fn hold(&mut self, now: Now, fault: &RequestError, out: &mut Vec<Effect>) {
        let told = fault.told(now.wall);
        out.extend(told.notice().map(Effect::Notice));
        if now.mono + told.wait > self.told_until.max(now.mono) {
            self.told_until = now.mono + told.wait;
            out.push(Effect::NotBefore(now.wall + told.wait));
        }
        let delay = self.backoff.next_delay(&mut self.rng);
        let until = now.mono + retry_after::spread(told.wait, delay, &mut self.rng);
        self.hold_until = self.hold_until.max(until);
    }

    fn abandon_flight(&mut self, out: &mut Vec<Effect>) {
        if let Some(InFlight { route: Route::Rest { attempt, .. }, .. }) = self.in_flight.take() {
            out.push(Effect::CancelPost { attempt });
        }
    }

    fn fail_all(&mut self, reason: &Reason, out: &mut Vec<Effect>) {
        self.abandon_flight(out);
        while !self.queue.is_empty() {
            self.end_head(Outcome::Failed(reason.clone()), out);
        }
    }

    fn end_head(&mut self, outcome: Outcome, out: &mut Vec<Effect>) {
        let head = self.queue.pop_front().expect("only called with a head");
        self.bytes -= head.text.len();
        out.push(Effect::Settle { id: head.id, outcome });
        self.flushing &= !self.queue.is_empty();
    }

    /// Announces what has outlived its time, wherever it stands, whether or not anybody types.
    fn expire(&mut self, now: Now, out: &mut Vec<Effect>) {
        let bytes = &mut self.bytes;
        self.queue.retain(|pending| {
            let lives = now.mono < pending.expires_at;
            if !lives {
                *bytes -= pending.text.len();
                let outcome = Outcome::Failed(Reason::Expired);
                out.push(Effect::Settle { id: pending.id, outcome });
            }
            lives
        });
        self.flushing &= !self.queue.is_empty();
    }

    fn give_up_waiting(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Some(flight) = self.in_flight.filter(|flight| now.mono >= flight.deadline) else {
            return;
        };
        self.abandon_flight(out);
        match flight.route {
            Route::Socket => self.insist_on_rest(flight.id),
            Route::Rest { .. } => {
                self.hold(now, &RequestError::Timeout, out);
                self.switch_route(flight.id, true);
            }
        }
    }

    fn leave(&mut self, now: Now, by: Instant, out: &mut Vec<Effect>) {
        if now.mono >= by {
            self.abandon_flight(out);
        }
        if self.in_flight.is_none() {
            out.push(Effect::Left);
        }
    }

    fn pump(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.in_flight.is_some() || self.next_send_at().is_none_or(|at| now.mono < at) {
            return;
        }
        let Some(head) = self.queue.front() else { return };
        let (id, text) = (head.id, head.text.clone());
        if let Some(socket) = self.socket_route() {
            let deadline = now.mono + self.config.ack_deadline;
            self.in_flight = Some(InFlight { id, route: Route::Socket, deadline });
            out.push(Effect::Transmit { socket, id, text });
        } else if let Some(credentials) = self.usable_credentials().cloned() {
            self.attempts += 1;
            let attempt = self.attempts;
            let route = Route::Rest { attempt, generation: credentials.generation };
            let deadline = now.mono + self.config.request_deadline;
            self.in_flight = Some(InFlight { id, route, deadline });
            out.push(Effect::Post { attempt, credentials, id, text });
        }
        self.gate.take(now.mono);
    }
}
