//! Agent messages: each one shown exactly once and in order, whatever was missed or repeated.
//!
//! The server numbers a conversation from 1. The cursor is the last number shown; what comes out of
//! turn is held, and the history is asked for everything after the cursor on each opening and on
//! each gap. It refuses to skip a number that the history has not itself skipped.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use super::backoff::{Backoff, BackoffConfig};
use super::request_error::RequestError;
use super::retry_after;
use super::statuses::Reaction;
use super::time::{Instant, Now, Wall};
use super::types::{Inbound as Message, Notice};

/// Messages held out of turn. Beyond it the newest is let go: the history still has it. No public
/// source names a number; 256 is more than two pages of history, and at 4 KiB each 1 MiB.
pub const HELD_MAX: usize = 256;

/// Ids remembered of messages without a number. No public source names one; 1024 is far more than
/// a server repeats after a reconnect, and still small.
pub const SEEN_MAX: usize = 1024;

/// Complete history answers without the missing message after which a gap is accepted. No public
/// source names one; 5 tries a backoff apart outlast a history that lags behind the socket.
pub const GAP_FETCHES_MAX: u32 = 5;

/// What happens to the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Time may have passed.
    Tick,
    /// A socket opened: whatever was missed must be fetched.
    Opened,
    /// The socket is gone: no more fetching until the next one.
    Closed,
    /// A new conversation, starting again from 1.
    Reset,
    /// Whether there is a token to fetch with; until told otherwise there is.
    Token(bool),
    /// A message came in over the socket.
    Live(Message),
    /// A fetch ended.
    Page {
        /// Generation of the fetch.
        op: u64,
        /// Its result.
        result: Result<Page, RequestError>,
    },
}

/// One page of history, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The messages after the asked sequence.
    pub messages: Vec<Message>,
    /// Whether there are more behind them.
    pub more: bool,
}

/// What the cursor wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Show a message to the application.
    Show(Message),
    /// Remember that everything up to here was shown.
    Cursor(u64),
    /// Remember that a message without a number was shown.
    Seen(String),
    /// Fetch the history after a sequence.
    Fetch {
        /// Generation of the fetch.
        op: u64,
        /// The last sequence already shown.
        after: u64,
    },
    /// Stop a fetch; its answer is void.
    Cancel {
        /// Generation of the fetch.
        op: u64,
    },
    /// Tell the application.
    Notice(Notice),
    /// Remember that the server wants no fetch before then.
    NotBefore(Wall),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fetch {
    Off,
    /// The server refuses the history: what is missing cannot be had.
    Refused,
    Settled,
    InFlight {
        op: u64,
        deadline: Instant,
        again: bool,
    },
    Waiting {
        until: Instant,
    },
    /// It is time, and there is no token.
    Parked,
}

/// The inbound cursor of one client.
#[derive(Debug, Clone)]
pub struct Cursor {
    deadline: Duration,
    rng: ChaCha8Rng,
    backoff: Backoff,
    sequence: u64,
    held: BTreeMap<u64, Message>,
    /// Something was let go that only the history still has.
    overflowed: bool,
    seen: BTreeSet<String>,
    seen_order: VecDeque<String>,
    fetch: Fetch,
    has_token: bool,
    /// Until when the server wants no fetch, on whichever socket.
    not_before: Instant,
    fetches_without_gap_filled: u32,
    ops: u64,
}

impl Cursor {
    /// A cursor that has shown everything up to `sequence`. A fetch may take up to `deadline`.
    #[must_use]
    pub fn new(sequence: u64, deadline: Duration, backoff: BackoffConfig, rng: ChaCha8Rng) -> Self {
        Self {
            deadline,
            rng,
            backoff: Backoff::new(backoff),
            sequence,
            held: BTreeMap::new(),
            overflowed: false,
            seen: BTreeSet::new(),
            seen_order: VecDeque::new(),
            fetch: Fetch::Off,
            has_token: true,
            not_before: Instant::ZERO,
            fetches_without_gap_filled: 0,
            ops: 0,
        }
    }

    /// The same cursor, having shown messages without a number before, the oldest first.
    #[must_use]
    pub fn having_seen(mut self, ids: impl IntoIterator<Item = String>) -> Self {
        for id in ids {
            self.remember(&id);
        }
        self
    }

    /// The same cursor, with no fetch before `until`.
    #[must_use]
    pub fn not_before(self, until: Instant) -> Self {
        Self { not_before: until, ..self }
    }

    /// The last sequence shown; 0 before the first.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Messages held out of turn, at most [`HELD_MAX`].
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Whether the fetch of this generation is under way.
    #[must_use]
    pub fn is_fetching(&self, op: u64) -> bool {
        matches!(self.fetch, Fetch::InFlight { op: current, .. } if current == op)
    }

    /// Takes one input and appends what it wants done.
    pub fn on(&mut self, now: Now, input: Input, out: &mut Vec<Effect>) {
        match input {
            Input::Tick => self.tick(now, out),
            Input::Opened => {
                self.backoff.reset();
                self.fetch = Fetch::Settled;
                self.start(now, out);
            }
            Input::Closed => self.stop(out),
            Input::Reset => {
                self.stop(out);
                // What was received is shown, also of a conversation that is gone.
                self.pass_gaps(out);
                self.overflowed = false;
                self.sequence = 0;
                self.seen.clear();
                self.seen_order.clear();
            }
            Input::Token(usable) => {
                self.has_token = usable;
                if usable && self.fetch == Fetch::Parked {
                    self.start(now, out);
                }
            }
            Input::Live(message) => self.live(now, message, out),
            Input::Page { op, result } => self.page(now, op, result, out),
        }
    }

    /// When [`Input::Tick`] next has something to do.
    #[must_use]
    pub const fn next_deadline(&self) -> Option<Instant> {
        match self.fetch {
            Fetch::Off | Fetch::Refused | Fetch::Settled | Fetch::Parked => None,
            Fetch::InFlight { deadline, .. } => Some(deadline),
            Fetch::Waiting { until } => Some(until),
        }
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Effect>) {
        match self.fetch {
            Fetch::InFlight { op, deadline, .. } if now.mono >= deadline => {
                out.push(Effect::Cancel { op });
                self.failed(now, &RequestError::Timeout, out);
            }
            Fetch::Waiting { until } if now.mono >= until => self.start(now, out),
            _ => {}
        }
    }

    fn stop(&mut self, out: &mut Vec<Effect>) {
        if let Fetch::InFlight { op, .. } = self.fetch {
            out.push(Effect::Cancel { op });
        }
        self.fetch = Fetch::Off;
        self.fetches_without_gap_filled = 0;
    }

    fn start(&mut self, now: Now, out: &mut Vec<Effect>) {
        if now.mono < self.not_before {
            let left = self.not_before.since(now.mono);
            let until = now.mono + retry_after::spread(left, Duration::ZERO, &mut self.rng);
            self.fetch = Fetch::Waiting { until };
            return;
        }
        if !self.has_token {
            self.fetch = Fetch::Parked;
            return;
        }
        self.ops += 1;
        let deadline = now.mono + self.deadline;
        self.fetch = Fetch::InFlight { op: self.ops, deadline, again: false };
        out.push(Effect::Fetch { op: self.ops, after: self.sequence });
    }

    fn live(&mut self, now: Now, message: Message, out: &mut Vec<Effect>) {
        let Some((sequence, message)) = self.news(message, out) else { return };
        if sequence == self.sequence.saturating_add(1) {
            self.show(sequence, message, out);
            self.release(out);
            return;
        }
        self.held.entry(sequence).or_insert(message);
        while self.held.len() > HELD_MAX {
            self.held.pop_last();
            self.overflowed = true;
        }
        match &mut self.fetch {
            Fetch::Settled => self.start(now, out),
            // The page under way may have been cut before this message existed.
            Fetch::InFlight { again, .. } => *again = true,
            Fetch::Refused => self.pass_gaps(out),
            Fetch::Off | Fetch::Waiting { .. } | Fetch::Parked => {}
        }
    }

    /// A numbered message that has not been shown yet, with its number. One without a number is
    /// shown here, unless its id is known.
    fn news(&mut self, message: Message, out: &mut Vec<Effect>) -> Option<(u64, Message)> {
        let Some(sequence) = message.sequence else {
            if self.remember(&message.id) {
                let id = message.id.clone();
                out.push(Effect::Show(message));
                out.push(Effect::Seen(id));
            }
            return None;
        };
        (sequence > self.sequence).then_some((sequence, message))
    }

    fn page(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Page, RequestError>,
        out: &mut Vec<Effect>,
    ) {
        let Fetch::InFlight { op: current, again, .. } = self.fetch else { return };
        if op != current {
            return;
        }
        let page = match result {
            Ok(page) => page,
            Err(fault) => return self.failed(now, &fault, out),
        };
        let before = self.sequence;
        for message in page.messages {
            self.take_from_history(message, out);
        }
        self.release(out);
        let moved = self.sequence > before;
        if page.more && !moved {
            return self.failed(now, &RequestError::Malformed, out);
        }
        self.backoff.reset();
        let overflowed = std::mem::take(&mut self.overflowed);
        if page.more || overflowed || (again && !self.held.is_empty()) {
            return self.start(now, out);
        }
        self.settle(now, moved, out);
    }

    fn settle(&mut self, now: Now, moved: bool, out: &mut Vec<Effect>) {
        if self.held.is_empty() {
            self.fetches_without_gap_filled = 0;
            self.fetch = Fetch::Settled;
            return;
        }
        self.fetches_without_gap_filled =
            if moved { 1 } else { self.fetches_without_gap_filled + 1 };
        if self.fetches_without_gap_filled >= GAP_FETCHES_MAX {
            self.fetches_without_gap_filled = 0;
            self.skip_gap(out);
            self.release(out);
            return self.settle(now, true, out);
        }
        let until = now.mono + self.backoff.next_delay(&mut self.rng);
        self.fetch = Fetch::Waiting { until };
    }

    fn failed(&mut self, now: Now, fault: &RequestError, out: &mut Vec<Effect>) {
        if let (Reaction::Forbidden | Reaction::Refused, Some(status)) =
            (fault.reaction(), fault.status())
        {
            out.push(Effect::Notice(Notice::HistoryRefused(status)));
            self.fetch = Fetch::Refused;
            return self.pass_gaps(out);
        }
        let told = fault.told(now.wall);
        out.extend(told.notice().map(Effect::Notice));
        if !told.wait.is_zero() {
            self.not_before = now.mono + told.wait;
            out.push(Effect::NotBefore(now.wall + told.wait));
        }
        let delay = self.backoff.next_delay(&mut self.rng);
        let until = now.mono + retry_after::spread(told.wait, delay, &mut self.rng);
        self.fetch = Fetch::Waiting { until };
    }

    /// The history is the authority: where it jumps, nothing exists in between.
    fn take_from_history(&mut self, message: Message, out: &mut Vec<Effect>) {
        let Some((sequence, message)) = self.news(message, out) else { return };
        if sequence > self.sequence.saturating_add(1) {
            // A held message is as good as one from the page.
            while let Some(entry) = self.held.first_entry() {
                if *entry.key() >= sequence {
                    break;
                }
                let (held_sequence, held) = entry.remove_entry();
                self.announce_gap(held_sequence, out);
                self.show(held_sequence, held, out);
            }
            self.announce_gap(sequence, out);
        }
        self.show(sequence, message, out);
    }

    fn skip_gap(&mut self, out: &mut Vec<Effect>) {
        if let Some((sequence, message)) = self.held.pop_first() {
            self.announce_gap(sequence, out);
            self.show(sequence, message, out);
        }
    }

    /// Shows everything held, holes or not.
    fn pass_gaps(&mut self, out: &mut Vec<Effect>) {
        while !self.held.is_empty() {
            self.skip_gap(out);
        }
    }

    fn announce_gap(&self, before: u64, out: &mut Vec<Effect>) {
        if before > self.sequence.saturating_add(1) {
            let notice = Notice::SequenceGap { after: self.sequence, before };
            out.push(Effect::Notice(notice));
        }
    }

    fn show(&mut self, sequence: u64, message: Message, out: &mut Vec<Effect>) {
        self.sequence = sequence;
        out.push(Effect::Show(message));
        out.push(Effect::Cursor(sequence));
    }

    fn release(&mut self, out: &mut Vec<Effect>) {
        self.held.retain(|sequence, _| *sequence > self.sequence);
        while let Some(message) = self.held.remove(&(self.sequence.saturating_add(1))) {
            self.show(self.sequence.saturating_add(1), message, out);
        }
    }

    fn remember(&mut self, id: &str) -> bool {
        if !self.seen.insert(id.to_owned()) {
            return false;
        }
        self.seen_order.push_back(id.to_owned());
        if self.seen_order.len() > SEEN_MAX
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}
