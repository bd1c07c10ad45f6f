//! One coordinator, what it is given and what it wants done, with nothing around it.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Message, Say, Saying, VERSION};
use holdline_client::core::coordinator::{Coordinator, CoordinatorConfig, Effect, Input, Life};
use holdline_client::core::outbox::Draft;
use holdline_client::tabs::records::{CursorRecord, FeedRecord, GuestRecord, OutboxRecord, encode};
use holdline_client::tabs::{Contents, StoreError, Write};
use holdline_client::{Because, Event, Feature, Inbound, Instant, Notice, Now, Wall};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

pub(super) struct Tab {
    pub(super) machine: Coordinator,
    pub(super) now: Duration,
}

impl Tab {
    /// One that must do without some features, and has not connected.
    pub(super) fn new(missing: Vec<(Feature, String)>) -> Self {
        Self::with_numbers(CoordinatorConfig::default(), missing)
    }

    /// The same, with numbers of the test's own.
    pub(super) fn with_numbers(
        numbers: CoordinatorConfig,
        missing: Vec<(Feature, String)>,
    ) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(1);
        let machine = Coordinator::new(numbers, "chat".into(), "A".into(), missing, rng);
        Self { machine, now: Duration::ZERO }
    }

    pub(super) fn connected() -> Self {
        let mut tab = Self::new(Vec::new());
        tab.give(Input::Connect);
        tab
    }

    pub(super) fn give(&mut self, input: Input) -> Vec<Effect> {
        self.now += Duration::from_millis(1);
        let now = Now { mono: Instant::new(self.now), wall: Wall::new(self.now) };
        let mut effects = Vec::new();
        self.machine.on(now, input, &mut effects);
        effects
    }

    /// The lock is granted, the epoch becomes `epoch`, and this is what the store holds.
    pub(super) fn lead(&mut self, epoch: u64, records: Vec<(String, String)>) -> Vec<Effect> {
        let claim = op_of(&self.give(Input::LockGranted));
        let read = op_of(&self.give(Input::EpochRaised(claim, Ok(epoch))));
        self.give(Input::Read(read, Ok(Contents { epoch, records })))
    }
}

/// The last use of the store among some effects.
pub(super) fn op_of(effects: &[Effect]) -> u64 {
    let op = effects.iter().rev().find_map(|effect| match effect {
        Effect::Read { op, .. } | Effect::RaiseEpoch(op) | Effect::Commit { op, .. } => Some(*op),
        _ => None,
    });
    op.expect("the store is used")
}

/// The number of the client's run that begins.
pub(super) fn run_of(effects: &[Effect]) -> u64 {
    let run = effects.iter().find_map(|effect| match effect {
        Effect::StartClient { run, .. } => Some(*run),
        _ => None,
    });
    run.expect("a client is started")
}

pub(super) fn message(id: &str) -> Inbound {
    Inbound { id: id.into(), sequence: None, text: "hello".into() }
}

/// One that follows B in the first epoch, and has read a store without a feed.
pub(super) fn follower() -> Tab {
    let mut tab = Tab::new(Vec::new());
    let read = op_of(&tab.give(Input::Connect));
    reads(&mut tab, read, 1, &[]);
    beats(&mut tab, 1, 0);
    tab
}

/// What the store holds of a guest whose conversation is in the feed up to here.
pub(super) fn guest_at(sequence: u64) -> Vec<(String, String)> {
    let (instance, token) = ("guest-1".to_owned(), "token".into());
    let guest = GuestRecord { instance: instance.clone(), token, expires_at_ms: 2_000_000_000_000 };
    let cursor = CursorRecord { instance, sequence };
    vec![("cursor".into(), encode(&cursor)), ("guest".into(), encode(&guest))]
}

pub(super) fn call_key(number: u64) -> String {
    format!("outbox/{number:020}")
}

/// A call in the store, under this number of the outbox.
pub(super) fn call_at(number: u64, id: u128) -> (String, String) {
    let (id, text) = (Uuid::from_u128(id), "x".into());
    let draft = Draft { id, text, accepted_at: Wall::default() };
    (call_key(number), encode(&OutboxRecord::from(&draft)))
}

/// How a store fails that may be well in a moment.
pub(super) fn busy() -> StoreError {
    StoreError::Unavailable("it is busy".into())
}

pub(super) fn no_room() -> StoreError {
    StoreError::Full("no room".into())
}

/// A tab that leads in the second epoch from what the store holds.
pub(super) fn leads(records: Vec<(String, String)>) -> (Tab, Vec<Effect>) {
    let mut tab = follower();
    let effects = tab.lead(2, records);
    (tab, effects)
}

pub(super) fn says(tab: &mut Tab, epoch: u64, say: Say) -> Vec<Effect> {
    hears(tab, "B", epoch, say)
}

pub(super) fn hears(tab: &mut Tab, from: &str, epoch: u64, say: Say) -> Vec<Effect> {
    let (scope, name) = ("chat".to_owned(), from.to_owned());
    let told = Message { holdline: VERSION, scope, tab: name, epoch, say };
    tab.give(Input::Heard(serde_json::to_string(&told).expect("plain data")))
}

pub(super) fn beats(tab: &mut Tab, epoch: u64, head: u64) -> Vec<Effect> {
    let beat = Say::Beat { head, state: Saying::Open, because: Because::First };
    says(tab, epoch, beat)
}

pub(super) fn tells(tab: &mut Tab, epoch: u64, number: u64, id: &str) -> Vec<Effect> {
    says(tab, epoch, Say::Feed { number, message: message(id), unsaved: false })
}

pub(super) fn tells_unsaved(tab: &mut Tab, epoch: u64, number: u64, id: &str) -> Vec<Effect> {
    says(tab, epoch, Say::Feed { number, message: message(id), unsaved: true })
}

pub(super) fn feed(records: &[(u64, &str)]) -> Vec<(String, String)> {
    let record = |id| encode(&FeedRecord { message: message(id) });
    records.iter().map(|(number, id)| (key(*number), record(id))).collect()
}

/// A read of the feed ends.
pub(super) fn reads(tab: &mut Tab, op: u64, epoch: u64, records: &[(u64, &str)]) -> Vec<Effect> {
    tab.give(Input::Read(op, Ok(Contents { epoch, records: feed(records) })))
}

pub(super) fn key(number: u64) -> String {
    format!("feed/{number:020}")
}

pub(super) fn shown(effects: &[Effect]) -> Vec<&str> {
    let shown = effects.iter().filter_map(|effect| match effect {
        Effect::Publish(Event::Inbound(message)) => Some(&*message.id),
        _ => None,
    });
    shown.collect()
}

/// Where the reads of the feed begin.
pub(super) fn read_from(effects: &[Effect]) -> Vec<&str> {
    let read = effects.iter().filter_map(|effect| match effect {
        Effect::Read { from, .. } => Some(&**from),
        _ => None,
    });
    read.collect()
}

/// What the leader is asked for lies behind these.
pub(super) fn asked(effects: &[Effect]) -> Vec<u64> {
    let asked = posted(effects).into_iter().filter_map(|say| match say {
        Say::Hello { shown } => Some(shown),
        _ => None,
    });
    asked.collect()
}

pub(super) fn gaps(effects: &[Effect]) -> Vec<(u64, u64)> {
    let gaps = effects.iter().filter_map(|effect| match effect {
        Effect::Publish(Event::Notice(Notice::SequenceGap { after, before })) => {
            Some((*after, *before))
        }
        _ => None,
    });
    gaps.collect()
}

/// Half a second passes.
pub(super) fn later(tab: &mut Tab) -> Vec<Effect> {
    tab.now += Duration::from_millis(500);
    tab.give(Input::Tick)
}

/// Its timers are at rest until so long from now, and it does something then.
pub(super) fn rests_for(tab: &mut Tab, span: Duration) -> Vec<Effect> {
    let end = tab.now + span;
    assert_eq!(tab.machine.next_deadline(), Some(Instant::new(end)));
    tab.now = end.saturating_sub(Duration::from_millis(2));
    assert_eq!(tab.give(Input::Tick), [], "a millisecond is left");
    tab.give(Input::Tick)
}

/// Wakes, and so reads the feed: the read, and where it begins.
pub(super) fn wakes(tab: &mut Tab) -> (u64, String) {
    let effects = tab.give(Input::Life(Life::Wakes));
    (op_of(&effects), read_from(&effects)[0].to_owned())
}

/// It was told three positions that no store had.
pub(super) fn told_from_memory() -> Tab {
    let mut tab = follower();
    for (number, id) in [(1, "m1"), (2, "m2"), (3, "m3")] {
        assert_eq!(shown(&tells_unsaved(&mut tab, 1, number, id)), [id]);
    }
    tab
}

pub(super) fn holder(tab: &Tab) -> Option<String> {
    tab.machine.holder().map(|holder| holder.tab)
}

/// What is told to the other tabs.
pub(super) fn posted(effects: &[Effect]) -> Vec<Say> {
    let posted = effects.iter().filter_map(|effect| match effect {
        Effect::Post(text) => serde_json::from_str::<Message>(text).ok(),
        _ => None,
    });
    posted.map(|message| message.say).collect()
}

/// What is written.
pub(super) fn written(effects: &[Effect]) -> impl Iterator<Item = &Write> {
    let writes = effects.iter().filter_map(|effect| match effect {
        Effect::Commit { writes, .. } => Some(writes),
        _ => None,
    });
    writes.flatten()
}

/// What is written under which keys.
pub(super) fn put(effects: &[Effect]) -> Vec<String> {
    let put = written(effects).filter_map(|write| match write {
        Write::Put { key, .. } => Some(key.clone()),
        _ => None,
    });
    put.collect()
}
