//! A small world for several coordinators: nothing happens by itself, every delivery is a choice of
//! the test. A client is what a server and a session amount to: it has a guest, shows what the
//! agent said behind its cursor, and delivers what it is handed, in order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use futures_util::FutureExt as _;
use holdline_client::core::coordinator::{
    Coordinator, CoordinatorConfig, Effect, FromClient, Input, Life,
};
use holdline_client::core::outbox::Draft;
use holdline_client::tabs::{Ask, Contents, MemoryStore, StateStore as _, StoreError, Write};
use holdline_client::{Entry, Event, Inbound, Instant, Notice, Now, Outcome, Saved, State, Wall};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

/// Wall clock at monotonic 0.
pub(crate) const WALL: Duration = Duration::from_secs(1_767_225_600);
const INSTANCE: &str = "guest-1";

/// Something under way that a test can let arrive.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Arrival {
    /// A text on its way between two tabs.
    Bus { from: usize, to: usize },
    /// The oldest use of the store by a tab.
    Store(usize),
    /// The first word of a tab's client.
    Client(usize),
    /// A word of the lock manager.
    Lock(usize),
}

#[derive(Debug, Clone)]
enum StoreUse {
    Read { op: u64, from: String, to: String },
    RaiseEpoch(u64),
    Commit { op: u64, epoch: u64, writes: Vec<Write> },
}

/// The store, with the ways in which it can fail.
#[derive(Debug, Default)]
pub(crate) struct Store {
    memory: MemoryStore,
    /// Nothing more fits.
    pub(crate) full: bool,
    /// Every use fails.
    pub(crate) broken: bool,
}

impl Store {
    fn check(&self) -> Result<(), StoreError> {
        if self.broken { Err(StoreError::Unavailable("broken".into())) } else { Ok(()) }
    }

    /// The user clears what the site has stored.
    pub(crate) fn clear(&mut self) {
        self.memory = MemoryStore::default();
    }

    pub(crate) fn read(&self, from: &str, to: &str) -> Result<Contents, StoreError> {
        self.check()?;
        self.memory.read(from, to).now_or_never().expect("memory is at hand")
    }

    pub(crate) fn raise_epoch(&self) -> Result<u64, StoreError> {
        self.check()?;
        self.memory.raise_epoch().now_or_never().expect("memory is at hand")
    }

    pub(crate) fn commit(&self, epoch: u64, writes: Vec<Write>) -> Result<Vec<String>, StoreError> {
        self.check()?;
        if self.full && writes.iter().any(|write| !matches!(write, Write::Delete { .. })) {
            return Err(StoreError::Full("no room".into()));
        }
        self.memory.commit(epoch, writes).now_or_never().expect("memory is at hand")
    }
}

#[derive(Debug, Default)]
struct Client {
    run: u64,
    stopped: bool,
    cursor: usize,
    words: VecDeque<FromClient>,
    saved: Saved,
}

/// One tab and everything that is on its way to it.
pub(crate) struct Tab {
    pub(crate) machine: Coordinator,
    pub(crate) alive: bool,
    pub(crate) frozen: bool,
    client: Option<Client>,
    store: VecDeque<StoreUse>,
    lock: VecDeque<Input>,
    pub(crate) shown: Vec<String>,
    pub(crate) accepted: Vec<Uuid>,
    pub(crate) settled: Vec<(Uuid, Outcome)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) state: State,
}

/// Everything.
pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) store: Store,
    /// The store has had no room at some time.
    pub(crate) was_full: bool,
    bus: BTreeMap<(usize, usize), VecDeque<String>>,
    holder: Option<usize>,
    queue: VecDeque<usize>,
    /// What the agent said.
    pub(crate) said: Vec<Inbound>,
    /// The conversation: what guests said, once per id.
    pub(crate) conversation: Vec<(Uuid, String)>,
    known: BTreeSet<Uuid>,
    /// Guests that were made.
    pub(crate) guests: usize,
    last_id: u128,
}

impl World {
    pub(crate) fn new(tabs: usize) -> Self {
        let mut world = Self {
            now: Duration::ZERO,
            tabs: Vec::new(),
            store: Store::default(),
            was_full: false,
            bus: BTreeMap::new(),
            holder: None,
            queue: VecDeque::new(),
            said: Vec::new(),
            conversation: Vec::new(),
            known: BTreeSet::new(),
            guests: 0,
            last_id: 0,
        };
        world.tabs = (0..tabs).map(page).collect();
        world
    }

    /// Gives a tab an input and carries out what it wants.
    pub(crate) fn give(&mut self, tab: usize, input: Input) {
        if !self.tabs[tab].alive {
            return;
        }
        let now = self.clock();
        let mut effects = Vec::new();
        self.tabs[tab].machine.on(now, input, &mut effects);
        for effect in effects {
            self.carry_out(tab, effect);
        }
    }

    pub(crate) fn clock(&self) -> Now {
        Now { mono: Instant::new(self.now), wall: Wall::new(WALL + self.now) }
    }

    pub(crate) fn send(&mut self, tab: usize) -> Uuid {
        self.last_id += 1;
        let id = Uuid::from_u128(self.last_id);
        self.give(tab, Input::Send { id, text: format!("text {}", self.last_id) });
        id
    }

    pub(crate) fn agent_says(&mut self) {
        let sequence = self.said.len() as u64 + 1;
        let id = format!("a{sequence}");
        self.said.push(Inbound { id, sequence: Some(sequence), text: String::new() });
        self.pour();
    }

    /// The client of a tab says something of its own accord.
    pub(crate) fn client_says(&mut self, tab: usize, said: FromClient) {
        let client = self.tabs[tab].client.as_mut().expect("it runs one");
        client.words.push_back(said);
    }

    /// What the client of a tab began with.
    pub(crate) fn saved(&self, tab: usize) -> &Saved {
        &self.tabs[tab].client.as_ref().expect("it runs one").saved
    }

    /// The agent says something, and the server does not name it.
    pub(crate) fn agent_says_without_id(&mut self) {
        let sequence = self.said.len() as u64 + 1;
        self.said.push(Inbound {
            id: String::new(),
            sequence: Some(sequence),
            text: String::new(),
        });
        self.pour();
    }

    /// A tab dies without a word.
    pub(crate) fn crash(&mut self, tab: usize) {
        self.tabs[tab].alive = false;
        self.tabs[tab].client = None;
        self.tabs[tab].store.clear();
        self.tabs[tab].lock.clear();
        self.bus.retain(|(from, to), _| *from != tab && *to != tab);
        self.free(tab);
    }

    /// The page is loaded anew, and connects.
    pub(crate) fn reload(&mut self, tab: usize) {
        if self.tabs[tab].alive {
            self.crash(tab);
        }
        self.tabs[tab] = page(tab);
        self.give(tab, Input::Life(Life::Shown));
        self.give(tab, Input::Connect);
    }

    pub(crate) fn focus(&mut self, tab: usize) {
        for other in (0..self.tabs.len()).filter(|other| *other != tab) {
            self.give(other, Input::Life(Life::Blurred));
        }
        self.give(tab, Input::Life(Life::Focused));
    }

    /// What can arrive now: nothing at a frozen tab.
    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        let awake = |tab: usize| self.tabs[tab].alive && !self.tabs[tab].frozen;
        let bus = self.bus.iter().filter(|((_, to), queue)| awake(*to) && !queue.is_empty());
        let mut arrivals: Vec<Arrival> =
            bus.map(|((from, to), _)| Arrival::Bus { from: *from, to: *to }).collect();
        for (index, tab) in self.tabs.iter().enumerate().filter(|(index, _)| awake(*index)) {
            if !tab.store.is_empty() {
                arrivals.push(Arrival::Store(index));
            }
            if !tab.lock.is_empty() {
                arrivals.push(Arrival::Lock(index));
            }
            if tab.client.as_ref().is_some_and(|client| !client.words.is_empty()) {
                arrivals.push(Arrival::Client(index));
            }
        }
        arrivals
    }

    pub(crate) fn arrive(&mut self, arrival: &Arrival) {
        match *arrival {
            Arrival::Bus { from, to } => {
                let text = self.bus.get_mut(&(from, to)).and_then(VecDeque::pop_front);
                self.give(to, Input::Heard(text.expect("it was under way")));
            }
            Arrival::Store(tab) => {
                let asked = self.tabs[tab].store.pop_front().expect("it was under way");
                let answer = match asked {
                    StoreUse::Read { op, from, to } => Input::Read(op, self.store.read(&from, &to)),
                    StoreUse::RaiseEpoch(op) => Input::EpochRaised(op, self.store.raise_epoch()),
                    StoreUse::Commit { op, epoch, writes } => {
                        Input::Committed(op, self.store.commit(epoch, writes))
                    }
                };
                self.give(tab, answer);
            }
            Arrival::Client(tab) => {
                let client = self.tabs[tab].client.as_mut().expect("it was running");
                let (run, word) = (client.run, client.words.pop_front());
                self.give(tab, Input::Client(run, word.expect("it was said")));
            }
            Arrival::Lock(tab) => {
                let word = self.tabs[tab].lock.pop_front().expect("it was under way");
                self.give(tab, word);
            }
        }
    }

    /// Loses a text that is under way.
    pub(crate) fn lose(&mut self, from: usize, to: usize) {
        self.bus.get_mut(&(from, to)).and_then(VecDeque::pop_front);
    }

    /// Loses every text that is under way.
    pub(crate) fn lose_all(&mut self, from: usize, to: usize) {
        self.bus.remove(&(from, to));
    }

    /// Lets everything arrive that is under way, and whatever comes of it.
    pub(crate) fn drain(&mut self) {
        for _ in 0..100_000 {
            let Some(arrival) = self.arrivals().into_iter().next() else { return };
            self.arrive(&arrival);
        }
        panic!("it never ends: {:?}", self.arrivals());
    }

    /// Lets time pass to the next deadline of anybody, at most by `most`; false when none is due.
    pub(crate) fn pass(&mut self, most: Duration) -> bool {
        let end = self.now + most;
        let awake = self.tabs.iter().filter(|tab| tab.alive && !tab.frozen);
        let next = awake.filter_map(|tab| tab.machine.next_deadline()).min();
        let due = next.map(Instant::since_start).filter(|next| *next <= end);
        self.now = due.unwrap_or(end).max(self.now);
        for tab in 0..self.tabs.len() {
            let machine = &self.tabs[tab].machine;
            let due = machine.next_deadline().is_some_and(|at| at.since_start() <= self.now);
            if due && !self.tabs[tab].frozen {
                self.give(tab, Input::Tick);
            }
        }
        due.is_some()
    }

    /// Lets everything happen for so long.
    pub(crate) fn run(&mut self, span: Duration) {
        let end = self.now + span;
        self.drain();
        let mut stuck = 0;
        while self.now < end {
            let before = self.now;
            self.pass(end.saturating_sub(self.now));
            self.drain();
            stuck = if self.now == before { stuck + 1 } else { 0 };
            assert!(stuck < 1_000, "somebody's deadline never passes: {:#?}", self.machines());
        }
    }

    fn machines(&self) -> Vec<&Coordinator> {
        self.tabs.iter().map(|tab| &tab.machine).collect()
    }

    pub(crate) fn leaders(&self) -> Vec<usize> {
        let runs = |client: &Client| !client.stopped;
        let leads = |tab: &Tab| tab.alive && tab.client.as_ref().is_some_and(runs);
        (0..self.tabs.len()).filter(|tab| leads(&self.tabs[*tab])).collect()
    }

    fn carry_out(&mut self, tab: usize, effect: Effect) {
        let me = &mut self.tabs[tab];
        match effect {
            Effect::Post(text) => {
                for to in (0..self.tabs.len()).filter(|to| *to != tab && self.tabs[*to].alive) {
                    self.bus.entry((tab, to)).or_default().push_back(text.clone());
                }
            }
            Effect::AskLock(ask) => self.ask_lock(tab, ask),
            Effect::ReleaseLock => {
                me.lock.clear();
                self.free(tab);
            }
            Effect::Read { op, from, to } => me.store.push_back(StoreUse::Read { op, from, to }),
            Effect::RaiseEpoch(op) => me.store.push_back(StoreUse::RaiseEpoch(op)),
            Effect::Commit { op, epoch, writes } => {
                me.store.push_back(StoreUse::Commit { op, epoch, writes });
            }
            Effect::StartClient { run, saved } => {
                let cursor = saved.cursor as usize;
                let mut client =
                    Client { run, cursor, saved: (*saved).clone(), ..Client::default() };
                if saved.guest.is_none() {
                    self.guests += 1;
                    client.words.push_back(FromClient::Remember(Entry::Guest {
                        instance: INSTANCE.into(),
                        token: "token".into(),
                        expires_at_wall: Wall::new(WALL * 2),
                    }));
                }
                client.words.push_back(FromClient::State(State::Open));
                me.client = Some(client);
                for message in saved.pending {
                    let accepted_at = message.at_wall;
                    self.deliver(tab, Draft { id: message.id, text: message.text, accepted_at });
                }
                self.pour();
            }
            Effect::StopClient => me.client = None,
            Effect::LeaveClient => {
                if let Some(client) = &mut me.client {
                    client.stopped = true;
                    client.words.push_back(FromClient::Left);
                }
            }
            Effect::Submit(draft) => self.deliver(tab, draft),
            Effect::Publish(Event::Inbound(message)) => me.shown.push(message.id),
            Effect::Publish(Event::Accepted { id }) => me.accepted.push(id),
            Effect::Publish(Event::Delivered { id }) => me.settled.push((id, Outcome::Delivered)),
            Effect::Publish(Event::Failed { id, reason }) => {
                me.settled.push((id, Outcome::Failed(reason)));
            }
            Effect::Publish(Event::State(state)) => me.state = state,
            Effect::Publish(Event::Holder(_)) | Effect::ReconnectClient => {}
            Effect::Publish(Event::Notice(notice)) => me.notices.push(notice),
        }
    }

    fn deliver(&mut self, tab: usize, draft: Draft) {
        if self.tabs[tab].client.as_ref().is_none_or(|client| client.stopped) {
            return;
        }
        if self.known.insert(draft.id) {
            self.conversation.push((draft.id, draft.text));
        }
        if let Some(client) = &mut self.tabs[tab].client {
            client.words.push_back(FromClient::Settled(draft.id, Outcome::Delivered));
        }
    }

    /// Each running client gets what it has not yet got of what was said.
    fn pour(&mut self) {
        let clients = self.tabs.iter_mut().filter_map(|tab| tab.client.as_mut());
        for client in clients.filter(|client| !client.stopped) {
            for message in &self.said[client.cursor.min(self.said.len())..] {
                client.words.push_back(FromClient::Show(message.clone()));
            }
            client.cursor = self.said.len();
        }
    }

    fn ask_lock(&mut self, tab: usize, ask: Ask) {
        self.tabs[tab].lock.clear();
        self.free(tab);
        match ask {
            Ask::Queue => self.queue.push_back(tab),
            Ask::Steal => {
                if let Some(holder) = self.holder.take() {
                    let words = &mut self.tabs[holder].lock;
                    // One that was granted and has not heard of it hears only of the loss.
                    words.clear();
                    words.push_back(Input::LockLost);
                }
                self.queue.push_front(tab);
            }
        }
        self.grant();
    }

    fn free(&mut self, tab: usize) {
        self.queue.retain(|waiting| *waiting != tab);
        if self.holder == Some(tab) {
            self.holder = None;
        }
        self.grant();
    }

    fn grant(&mut self) {
        if self.holder.is_none()
            && let Some(next) = self.queue.pop_front()
        {
            self.holder = Some(next);
            self.tabs[next].lock.push_back(Input::LockGranted);
        }
    }
}

fn page(index: usize) -> Tab {
    let name = char::from(b'A' + index as u8).to_string();
    let rng = ChaCha8Rng::seed_from_u64(index as u64);
    Tab {
        machine: Coordinator::new(
            CoordinatorConfig::default(),
            "chat".into(),
            name,
            Vec::new(),
            rng,
        ),
        alive: true,
        frozen: false,
        client: None,
        store: VecDeque::new(),
        lock: VecDeque::new(),
        shown: Vec::new(),
        accepted: Vec::new(),
        settled: Vec::new(),
        notices: Vec::new(),
        state: State::Closed,
    }
}
