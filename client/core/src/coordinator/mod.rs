//! The tab coordinator: one guest and one socket for all tabs, whatever becomes of any of them.
//!
//! Every tab runs one. The lock says who may lead, the epoch in the store fences whoever led before,
//! the channel says what is new, and the store is what counts: what a tab misses on the channel it
//! reads there. The leader alone runs a session and an outbox; it records what comes in before it
//! shows it anywhere, and what any tab sends before it is accepted.
//!
//! - [`message`]: what tabs say to each other.
//! - `feed`: what this tab has shown. `outgoing`: what it has sent.
//! - `follower`: listening, probing, wanting.
//! - `acquire`, `leader`: becoming the one that holds the connection, and being it.
//!   `hand_over`: giving it up for the tab that the user looks at. `leader_log`: what it hears from its
//!   client. `leader_requests`: what it does for the tabs.
//!
//! It refuses to decide from silence alone: before it steals, it asks.

mod acquire;
mod config;
mod feed;
mod follower;
mod hand_over;
mod leader;
mod leader_log;
mod leader_requests;
pub mod message;
mod outgoing;

use std::collections::BTreeSet;
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

pub use config::CoordinatorConfig;

use self::feed::Feed;
use self::follower::Watch;
use self::leader::Lead;
use self::message::{Message, Say, Saying};
use self::outgoing::Calls;
use super::outbox::Draft;
use super::time::{Instant, Now};
use super::types::{Because, Event, Feature, Holder, Inbound, Notice, Outcome, State};
use crate::journal::{Entry, Saved};
use crate::store::{Contents, StoreError, Write};

/// Waits that end so close to each other are one.
const SAME_TIME: Duration = Duration::from_millis(100);

/// How to ask for the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Wait behind whoever has it and whoever waits already.
    Queue,
    /// Take it away from whoever has it, ahead of whoever waits.
    Steal,
}

/// What happens to the page that the tab shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It can be seen.
    Shown,
    /// It cannot.
    Hidden,
    /// What the user types goes there.
    Focused,
    /// It no longer does.
    Blurred,
    /// It is about to be frozen, kept for "back", or gone.
    Sleeps,
    /// It runs again.
    Wakes,
}

/// What happens to the coordinator.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Time may have passed.
    Tick,
    /// Take part.
    Connect,
    /// Leave; another tab may take over.
    Disconnect,
    /// The user asks to try now.
    Reconnect,
    /// Something happens to the page.
    Life(Life),
    /// A text came in on the channel.
    Heard(String),
    /// The channel cannot be posted on.
    Mute(String),
    /// The lock is held.
    LockGranted,
    /// The lock was held, and somebody stole it.
    LockLost,
    /// The lock cannot be had at all.
    LockFailed(String),
    /// A read ended.
    Read(u64, Result<Contents, StoreError>),
    /// The epoch was raised to this, or could not be.
    EpochRaised(u64, Result<u64, StoreError>),
    /// A commit ended, with the keys of what it appended.
    Committed(u64, Result<Vec<String>, StoreError>),
    /// The client of this run says something; what an earlier run says is void.
    Client(u64, FromClient),
    /// The application sends a message.
    Send {
        /// Call id and idempotency key.
        id: Uuid,
        /// Text.
        text: String,
    },
}

/// What the client that the leader runs says.
#[derive(Debug, Clone, PartialEq)]
pub enum FromClient {
    /// Its session changed its state.
    State(State),
    /// The agent wrote.
    Show(Inbound),
    /// A message has ended.
    Settled(Uuid, Outcome),
    /// Something to tell.
    Notice(Notice),
    /// Something to remember.
    Remember(Entry),
    /// It has stopped, and this was its last word.
    Left,
}

impl FromClient {
    /// What the coordinator is told of an event of its client; nothing of those that only tabs say.
    #[must_use]
    pub fn from_event(event: Event) -> Option<Self> {
        Some(match event {
            Event::State(state) => Self::State(state),
            Event::Delivered { id } => Self::Settled(id, Outcome::Delivered),
            Event::Failed { id, reason } => Self::Settled(id, Outcome::Failed(reason)),
            Event::Inbound(message) => Self::Show(message),
            Event::Notice(notice) => Self::Notice(notice),
            Event::Accepted { .. } | Event::Holder(_) => return None,
        })
    }
}

/// What the coordinator wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Say this on the channel.
    Post(String),
    /// Ask for the lock, instead of whatever was asked before.
    AskLock(Ask),
    /// Release the lock, or take the request back.
    ReleaseLock,
    /// Read `from <= key < to`.
    Read {
        /// Names the answer.
        op: u64,
        /// First key.
        from: String,
        /// Behind the last.
        to: String,
    },
    /// Raise the epoch; the answer carries this number.
    RaiseEpoch(u64),
    /// Write.
    Commit {
        /// Names the answer.
        op: u64,
        /// What fences it.
        epoch: u64,
        /// All or nothing.
        writes: Vec<Write>,
    },
    /// Start a client with what is remembered.
    StartClient {
        /// Its number.
        run: u64,
        /// What it goes on from.
        saved: Box<Saved>,
    },
    /// Stop the client now: socket closed, nothing settled.
    StopClient,
    /// Stop it when what is under way has ended, and soon in any case. [`FromClient::Left`] is its
    /// last word.
    LeaveClient,
    /// Hand the client a message that is in the store, or that only this tab has.
    Submit(Draft),
    /// Make the client try now.
    ReconnectClient,
    /// Tell the application.
    Publish(Event),
}

#[derive(Debug, Clone)]
enum Role {
    /// Not connected, or asleep.
    Out { comes_back: bool },
    /// Another tab leads, or none; the lock is asked for.
    Following { because: Because },
    /// The lock is held and the epoch is being raised.
    RaisingEpoch { op: u64, because: Because, tries: u32, until: Instant },
    /// The epoch is ours and the store is being read.
    Reading { op: u64, because: Because, tries: u32, until: Instant },
    /// A step of taking the lead failed and is tried again.
    Retrying { at: Instant, because: Because, tries: u32 },
    /// This tab holds the connection.
    Leading(Box<Lead>),
    /// This tab has stopped for another one, which is about to steal the lock.
    Yielding { to: String, until: Instant, because: Because },
    /// The tabs cannot share a connection: this one has its own.
    Alone { state: State },
}

#[derive(Debug, Clone, Copy, Default)]
struct Page {
    visible: bool,
    focused_since: Option<Instant>,
}

/// The state machine of one tab.
#[derive(Debug, Clone)]
pub struct Coordinator {
    config: CoordinatorConfig,
    scope: String,
    tab: String,
    role: Role,
    page: Page,
    /// The newest epoch that the store has named.
    epoch: u64,
    watch: Watch,
    feed: Feed,
    calls: Calls,
    /// Number of the client's run; what another run says is void.
    run: u64,
    ops: u64,
    missing: Vec<(Feature, String)>,
    told_state: Option<State>,
    told_holder: Option<Holder>,
    odd_not_before: Instant,
    /// Records that were reported as unreadable.
    told_odd: BTreeSet<String>,
}

impl Coordinator {
    /// A tab that has not connected. `missing` is what it must do without, and why; `rng` spreads
    /// the tabs' patience.
    #[must_use]
    pub fn new(
        config: CoordinatorConfig,
        scope: String,
        tab: String,
        missing: Vec<(Feature, String)>,
        mut rng: ChaCha8Rng,
    ) -> Self {
        let stagger = Duration::from_millis(rng.random_range(0..100));
        Self {
            config,
            scope,
            tab,
            role: Role::Out { comes_back: false },
            page: Page::default(),
            epoch: 0,
            watch: Watch::new(stagger),
            feed: Feed::default(),
            calls: Calls::default(),
            run: 0,
            ops: 0,
            missing,
            told_state: Some(State::Closed),
            told_holder: None,
            odd_not_before: Instant::ZERO,
            told_odd: BTreeSet::new(),
        }
    }

    /// The connection's state, as this tab knows it.
    #[must_use]
    pub fn state(&self, now: Now) -> State {
        match &self.role {
            Role::Out { .. } => State::Closed,
            Role::Leading(lead) => lead.state.clone(),
            Role::Alone { state } => state.clone(),
            Role::Following { .. } => {
                self.watch.leader().map_or(State::Connecting, |leader| leader.state.here(now))
            }
            _ => State::Connecting,
        }
    }

    /// Which tab holds the connection, as far as this one knows.
    #[must_use]
    pub fn holder(&self) -> Option<Holder> {
        let (tab, epoch, because) = self.held_by()?;
        Some(Holder { tab: tab.to_owned(), epoch, because })
    }

    fn held_by(&self) -> Option<(&str, u64, Because)> {
        match &self.role {
            Role::Leading(lead) => Some((&self.tab, self.epoch, lead.because)),
            Role::Alone { .. } => Some((&self.tab, 0, Because::Alone)),
            Role::Following { .. } => {
                let leader = self.watch.leader()?;
                Some((&leader.tab, self.epoch, leader.because))
            }
            _ => None,
        }
    }

    /// Whether this tab runs the client.
    #[must_use]
    pub fn leads(&self) -> bool {
        matches!(self.role, Role::Leading(_))
    }

    /// Takes one input and appends what the tab wants done.
    pub fn on(&mut self, now: Now, input: Input, out: &mut Vec<Effect>) {
        match input {
            Input::Tick => {}
            Input::Connect => self.connect(now, out),
            Input::Disconnect => self.leave(false, out),
            Input::Reconnect => self.reconnect(now, out),
            Input::Life(life) => self.lives(now, life, out),
            Input::Heard(text) => self.heard(now, &text, out),
            Input::Mute(why) => self.alone(Feature::Channel, why, out),
            Input::LockGranted => self.lock_granted(now, out),
            Input::LockLost => self.lock_lost(now, out),
            Input::LockFailed(why) => self.alone(Feature::Locks, why, out),
            Input::Read(op, result) => self.read(now, op, result, out),
            Input::EpochRaised(op, result) => self.epoch_answered(now, op, result, out),
            Input::Committed(op, result) => self.committed(now, op, result, out),
            Input::Client(run, said) => {
                if run == self.run {
                    self.client_says(now, said, out);
                }
            }
            Input::Send { id, text } => self.send(now, id, text, out),
        }
        self.tick(now, out);
        self.tell(now, out);
    }

    /// When [`Input::Tick`] next has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        let role = match &self.role {
            Role::Retrying { at, .. } => Some(*at),
            Role::Leading(lead) => Some(lead.next_deadline()),
            Role::RaisingEpoch { until, .. }
            | Role::Reading { until, .. }
            | Role::Yielding { until, .. } => Some(*until),
            Role::Following { .. } => self.watch_at(),
            _ => None,
        };
        let feed = self.feed.next_deadline().filter(|_| !self.is_apart());
        [role, feed, self.calls.next_deadline(self.is_apart())].into_iter().flatten().min()
    }

    /// The tabs cannot share: what this one sends is its own to deliver.
    fn cannot_share(&self) -> bool {
        self.missing.iter().any(|(what, _)| *what != Feature::Worker)
    }

    /// Neither asks nor tells the others: out, or on its own.
    const fn is_apart(&self) -> bool {
        matches!(self.role, Role::Out { .. } | Role::Alone { .. })
    }

    fn tick(&mut self, now: Now, out: &mut Vec<Effect>) {
        match &self.role {
            Role::Retrying { at, because, tries } if now.mono >= *at => {
                let (because, tries) = (*because, *tries);
                self.raise_epoch(now, because, tries, out);
            }
            Role::RaisingEpoch { until, because, tries, .. }
            | Role::Reading { until, because, tries, .. }
                if now.mono >= *until =>
            {
                let (because, tries) = (*because, *tries);
                let error = StoreError::Unavailable("it does not answer".into());
                self.try_again(now, because, tries, &error, out);
            }
            // Whoever wanted to lead has not come: this tab goes on.
            Role::Yielding { until, because, .. } if now.mono >= *until => {
                let because = *because;
                self.read_all(now, because, 0, out);
            }
            Role::Leading(_) => self.lead_on(now, out),
            Role::Following { .. } => self.watch(now, out),
            _ => {}
        }
        self.catch_up_again(now, out);
        self.call_again(now, out);
    }

    fn connect(&mut self, now: Now, out: &mut Vec<Effect>) {
        if !matches!(self.role, Role::Out { .. }) {
            return;
        }
        let missing = std::mem::take(&mut self.missing);
        let report = |(what, why): &(Feature, String)| {
            Effect::Publish(Event::Notice(Notice::Degraded { what: *what, why: why.clone() }))
        };
        out.extend(missing.iter().map(report));
        self.missing = missing.into_iter().filter(|(what, _)| *what != Feature::Worker).collect();
        if !self.missing.is_empty() {
            return self.start_alone(Saved::default(), out);
        }
        self.watch.begin(now.mono);
        self.role = Role::Following { because: Because::First };
        out.push(Effect::AskLock(Ask::Queue));
        self.catch_up(out);
        self.say(Say::Hello { shown: self.feed.settled() }, out);
        self.poke_calls(now, out);
    }

    /// Lets go of everything at once. What is not in the store yet comes again: from the server's
    /// history, or as a resend that the server recognises.
    fn leave(&mut self, comes_back: bool, out: &mut Vec<Effect>) {
        match &self.role {
            Role::Out { .. } => {}
            Role::Alone { .. } if comes_back => return,
            Role::Alone { .. } => self.stop_client(out),
            Role::Leading(_) => {
                self.stop_client(out);
                self.say(Say::Bye, out);
                out.push(Effect::ReleaseLock);
            }
            _ => {
                // Somebody may have stopped for this tab.
                self.say(Say::Bye, out);
                out.push(Effect::ReleaseLock);
            }
        }
        self.role = Role::Out { comes_back };
        self.feed.forget_reads();
    }

    /// From here on this tab has a guest and a socket of its own.
    fn alone(&mut self, what: Feature, why: String, out: &mut Vec<Effect>) {
        if self.is_apart() {
            return;
        }
        // A leader keeps its guest: what it sends again is recognised there.
        let mut saved = Saved::default();
        if let Role::Leading(lead) = &mut self.role {
            (saved.guest, saved.cursor) = (lead.guest.take(), lead.cursor);
            self.stop_client(out);
        }
        out.push(Effect::ReleaseLock);
        out.push(Effect::Publish(Event::Notice(Notice::Degraded { what, why: why.clone() })));
        self.missing.push((what, why));
        self.start_alone(saved, out);
    }

    fn start_alone(&mut self, saved: Saved, out: &mut Vec<Effect>) {
        self.role = Role::Alone { state: State::Connecting };
        self.start_client(saved, out);
        for draft in self.calls.all_open() {
            out.push(Effect::Submit(draft));
        }
    }

    fn start_client(&mut self, saved: Saved, out: &mut Vec<Effect>) {
        self.run += 1;
        out.push(Effect::StartClient { run: self.run, saved: Box::new(saved) });
    }

    fn stop_client(&mut self, out: &mut Vec<Effect>) {
        self.run += 1;
        out.push(Effect::StopClient);
    }

    fn reconnect(&mut self, now: Now, out: &mut Vec<Effect>) {
        match self.role {
            Role::Out { .. } => self.connect(now, out),
            Role::Leading(_) | Role::Alone { .. } => out.push(Effect::ReconnectClient),
            _ => self.say(Say::Reconnect, out),
        }
    }

    fn lives(&mut self, now: Now, life: Life, out: &mut Vec<Effect>) {
        match life {
            Life::Shown => self.page.visible = true,
            Life::Hidden => self.page = Page::default(),
            Life::Focused => {
                self.page.visible = true;
                self.page.focused_since.get_or_insert(now.mono);
            }
            Life::Blurred => self.page.focused_since = None,
            Life::Sleeps => self.leave(!matches!(self.role, Role::Out { comes_back: false }), out),
            Life::Wakes => self.wake(now, out),
        }
    }

    fn wake(&mut self, now: Now, out: &mut Vec<Effect>) {
        match self.role {
            Role::Out { comes_back: true } => self.connect(now, out),
            Role::Out { .. } | Role::Alone { .. } => {}
            // Frozen without a word: others may have gone on meanwhile, and the store knows.
            _ => {
                self.watch.begin(now.mono);
                self.catch_up(out);
                self.poke_calls(now, out);
                // Whoever called meanwhile may be gone, and does not call again.
                self.read_outbox(out);
            }
        }
    }

    fn say(&self, say: Say, out: &mut Vec<Effect>) {
        let message = Message {
            holdline: message::VERSION,
            scope: self.scope.clone(),
            tab: self.tab.clone(),
            epoch: self.epoch,
            say,
        };
        let text = serde_json::to_string(&message).expect("a message is plain data");
        out.push(Effect::Post(text));
    }

    /// When a write is tried again: at once for the first time, since a page that sleeps in the midst
    /// of one has it undone.
    fn retry_store_at(&self, now: Now, tries: u32) -> Option<Instant> {
        (tries > 1).then(|| now.mono + self.config.store_retry)
    }

    const fn next_op(&mut self) -> u64 {
        self.ops += 1;
        self.ops
    }

    /// Reports what is not ours, at most every ten seconds: a script that floods the channel shall
    /// not flood the application too.
    fn odd(&mut self, now: Now, why: String, out: &mut Vec<Effect>) {
        if now.mono >= self.odd_not_before {
            self.odd_not_before = now.mono + Duration::from_secs(10);
            out.push(Effect::Publish(Event::Notice(Notice::BusIgnored(why))));
        }
    }

    fn tell(&mut self, now: Now, out: &mut Vec<Effect>) {
        let told = self.told_holder.as_ref().map(|of| (&*of.tab, of.epoch, of.because));
        if self.held_by() != told {
            self.told_holder = self.holder();
            out.push(Effect::Publish(Event::Holder(self.told_holder.clone())));
        }
        let state = self.state(now);
        if self.told_state.as_ref().is_none_or(|told| is_news(told, &state)) {
            self.told_state = Some(state.clone());
            out.push(Effect::Publish(Event::State(state)));
        }
    }
}

/// A time by another tab's clock comes out a moment earlier or later each time it is read.
fn is_news(told: &State, state: &State) -> bool {
    match (told, state) {
        (State::Waiting { until: a, why: old }, State::Waiting { until: b, why: new }) => {
            old != new || a.since(*b).max(b.since(*a)) >= SAME_TIME
        }
        _ => told != state,
    }
}

/// The state as others can read it.
fn saying(now: Now, state: &State) -> Saying {
    Saying::of(now, state)
}
