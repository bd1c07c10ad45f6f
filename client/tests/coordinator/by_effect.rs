//! One coordinator and its bare effects: stores that answer strangely, late, or never.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Message, Say, VERSION};
use holdline_client::core::coordinator::{
    Coordinator, CoordinatorConfig, Effect, FromClient, Input,
};
use holdline_client::tabs::Contents;
use holdline_client::tabs::records::{FeedRecord, GuestRecord, encode};
use holdline_client::{Because, Feature, Inbound, Instant, Now, Wall};
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
        let rng = ChaCha8Rng::seed_from_u64(1);
        let numbers = CoordinatorConfig::default();
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
        let read = op_of(&self.give(Input::Claimed(claim, Ok(epoch))));
        self.give(Input::Read(read, Ok(Contents { epoch, records })))
    }
}

/// The last use of the store among some effects.
pub(super) fn op_of(effects: &[Effect]) -> u64 {
    let op = effects.iter().rev().find_map(|effect| match effect {
        Effect::Read { op, .. } | Effect::Claim(op) | Effect::Commit { op, .. } => Some(*op),
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

fn fed(key: &str) -> (String, String) {
    (key.into(), encode(&FeedRecord { message: message(key) }))
}

#[test]
fn odd_positions_in_the_store_hurt_nobody() {
    let mut tab = Tab::connected();
    tab.lead(1, vec![fed("feed/18446744073709551615"), fed("feed/00000000000000000001")]);
    assert!(tab.machine.leads());
    let mut tab = Tab::connected();
    let mut effects = tab.lead(1, vec![fed(&far(1)), fed(&far(3_000_000)), fed(&far(1 << 53))]);
    effects.extend(tab.give(Input::Tick));
    assert!(tab.machine.leads());
    let writes = effects.iter().map(|effect| match effect {
        Effect::Commit { writes, .. } => writes.len(),
        _ => 0,
    });
    assert!(writes.sum::<usize>() < 10, "nothing is deleted that is not there");
}

fn far(number: u64) -> String {
    format!("feed/{number:020}")
}

#[test]
fn a_store_that_never_answers_is_given_up() {
    let mut tab = Tab::connected();
    let mut effects = tab.give(Input::LockGranted);
    for _ in 0..60 {
        tab.now += Duration::from_secs(1);
        effects.extend(tab.give(Input::Tick));
    }
    assert!(effects.contains(&Effect::LetGoLock), "the lock is for others");
    assert_eq!(tab.machine.holder().map(|holder| holder.because), Some(Because::Alone));
}

#[test]
fn what_was_accepted_goes_along_when_a_tab_goes_its_own_way() {
    let mut tab = Tab::connected();
    let id = Uuid::from_u128(7);
    let commit = op_of(&tab.give(Input::Send { id, text: "hello".into() }));
    let keys = Ok(vec!["outbox/00000000000000000001".into()]);
    assert!(tab.give(Input::Committed(commit, keys)).contains(&Effect::Accepted(id)));
    let effects = tab.give(Input::Mute("the channel is closed".into()));
    let submitted = |effect: &Effect| matches!(effect, Effect::Submit(draft) if draft.id == id);
    assert!(effects.iter().any(submitted), "{effects:?}");
}

#[test]
fn a_new_message_under_an_old_number_is_shown() {
    let mut tab = Tab::connected();
    tab.lead(1, Vec::new());
    tab.give(Input::LockLost);
    for number in 1..=3 {
        // The leader has no room to store what it tells.
        let say = Say::Feed { number, message: message(&format!("old{number}")), unsaved: true };
        let (scope, name) = ("chat".to_owned(), "B".to_owned());
        let told = Message { holdline: VERSION, scope, tab: name, epoch: 1, say };
        let text = serde_json::to_string(&told).expect("plain data");
        assert!(matches!(tab.give(Input::Heard(text))[..], [Effect::Show(_), ..]));
    }
    // It dies, and the next begins with what was stored: a guest, and no message.
    let (instance, token) = ("guest-1".into(), "token".into());
    let guest = GuestRecord { instance, token, expires_at_ms: 2_000_000_000_000 };
    let effects = tab.lead(2, vec![("guest".into(), encode(&guest))]);
    let run = run_of(&effects);
    let shown = FromClient::Show(message("new"));
    let commit = op_of(&tab.give(Input::Client(run, shown)));
    let effects = tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert!(effects.contains(&Effect::Show(message("new"))), "{effects:?}");
}
