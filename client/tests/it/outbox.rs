//! The outbox: order, one in flight, pace, time to live, and that every message ends exactly once.

use std::collections::BTreeMap;
use std::time::Duration;

use holdline_client::core::credentials::Credentials;
use holdline_client::core::outbox::{Draft, Effect, Input, Outbox};
use holdline_client::core::request_error::RequestError;
use holdline_client::{Instant, Notice, Now, OutboxConfig, Outcome, Reason, Wall};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Socket(u128),
    Rest(u128),
}

/// An outbox with its surroundings played by hand; holds the invariants in every step.
struct Bench {
    outbox: Outbox,
    now_ms: u64,
    next_id: u128,
    generation: u64,
    sent: Vec<Sent>,
    sent_at_ms: Vec<u64>,
    post: Option<u64>,
    /// The message whose try has not ended, as seen from outside.
    flying: Option<u128>,
    ended: BTreeMap<u128, Outcome>,
    rejected: Vec<u64>,
    gone: Vec<String>,
    notices: Vec<Notice>,
    left: bool,
}

impl Bench {
    fn new(config: OutboxConfig) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(5);
        Self {
            outbox: Outbox::new(config, Instant::ZERO, rng),
            now_ms: 0,
            next_id: 1,
            generation: 0,
            sent: Vec::new(),
            sent_at_ms: Vec::new(),
            post: None,
            flying: None,
            ended: BTreeMap::new(),
            rejected: Vec::new(),
            gone: Vec::new(),
            notices: Vec::new(),
            left: false,
        }
    }

    fn online() -> Self {
        let mut bench = Self::new(OutboxConfig::default());
        bench.new_token();
        bench.on(Input::Link(Some(1)));
        bench
    }

    fn now(&self) -> Now {
        let since = Duration::from_millis(self.now_ms);
        Now { mono: Instant::new(since), wall: Wall::new(since) }
    }

    fn on(&mut self, input: Input) {
        let mut out = Vec::new();
        self.outbox.on(self.now(), input, &mut out);
        for effect in out {
            match effect {
                Effect::Transmit { id, .. } => self.goes(Sent::Socket(id.as_u128())),
                Effect::Post { attempt, id, .. } => {
                    assert_eq!(self.post.replace(attempt), None, "two posts in flight");
                    self.goes(Sent::Rest(id.as_u128()));
                }
                Effect::CancelPost { attempt } => {
                    assert_eq!(self.post.take(), Some(attempt));
                }
                Effect::Settle { id, outcome } => {
                    let before = self.ended.insert(id.as_u128(), outcome);
                    assert_eq!(before, None, "a message ended twice");
                }
                Effect::TokenRejected(generation) => self.rejected.push(generation),
                Effect::TokenAccepted | Effect::NotBefore(_) => {}
                Effect::GuestGone(instance) => self.gone.push(instance),
                Effect::Notice(notice) => self.notices.push(notice),
                Effect::Left => self.left = true,
            }
        }
    }

    fn goes(&mut self, sent: Sent) {
        let (Sent::Socket(id) | Sent::Rest(id)) = sent;
        assert!(!self.ended.contains_key(&id), "sent after its end");
        assert!((1..id).all(|before| self.ended.contains_key(&before)), "overtook");
        let last = self.sent_at_ms.last();
        assert!(last.is_none_or(|last| self.now_ms - last >= 500), "faster than the limit");
        self.sent.push(sent);
        self.sent_at_ms.push(self.now_ms);
        self.flying = Some(id);
    }

    fn submit(&mut self) -> u128 {
        self.submit_text("hello")
    }

    fn submit_text(&mut self, text: &str) -> u128 {
        let id = self.next_id;
        self.next_id += 1;
        let draft =
            Draft { id: Uuid::from_u128(id), text: text.into(), accepted_at: self.now().wall };
        self.on(Input::Submit(draft));
        id
    }

    fn new_token(&mut self) {
        self.generation += 1;
        self.on(Input::Credentials(Some(Credentials {
            generation: self.generation,
            instance: "guest".into(),
            token: "token".into(),
        })));
    }

    fn ack(&mut self, id: u128) {
        self.on(Input::Acked(Uuid::from_u128(id)));
    }

    fn posted(&mut self, result: Result<(), RequestError>) {
        let attempt = self.post.take().expect("a post is in flight");
        self.on(Input::Posted { attempt, result });
    }

    /// Lets time pass up to the next deadline.
    fn wait(&mut self) {
        let deadline = self.outbox.next_deadline().expect("something is due");
        self.now_ms = self.now_ms.max(deadline.since_start().as_micros().div_ceil(1_000) as u64);
        self.on(Input::Tick);
    }

    fn pass_s(&mut self, seconds: u64) {
        let until = self.now_ms + seconds * 1_000;
        while let Some(deadline) = self.outbox.next_deadline()
            && deadline <= Instant::new(Duration::from_millis(until))
        {
            self.wait();
        }
        self.now_ms = until;
        self.on(Input::Tick);
    }
}

fn status(status: u16, retry_after: Option<&str>) -> RequestError {
    RequestError::Status {
        status,
        code: "code".into(),
        retry_after: retry_after.map(str::to_owned),
    }
}

#[test]
fn live_messages_go_over_the_socket_one_at_a_time() {
    let mut bench = Bench::online();
    let (first, second) = (bench.submit(), bench.submit());
    bench.pass_s(1);
    assert_eq!(bench.sent, [Sent::Socket(first)]);
    bench.ack(first);
    assert_eq!(bench.sent, [Sent::Socket(first), Sent::Socket(second)]);
    bench.ack(second);
    assert_eq!(bench.ended[&second], Outcome::Delivered);
    assert!(bench.outbox.is_empty());
    assert_eq!((bench.outbox.bytes(), bench.outbox.next_deadline()), (0, None));
}

#[test]
fn what_was_typed_before_the_first_open_is_flushed_by_rest_and_then_live() {
    let mut bench = Bench::new(OutboxConfig::default());
    let (first, second) = (bench.submit(), bench.submit());
    bench.new_token();
    bench.on(Input::Link(Some(1)));
    let third = bench.submit();
    for _ in 0..3 {
        if bench.post.is_none() {
            bench.wait();
        }
        bench.posted(Ok(()));
    }
    let fourth = bench.submit();
    bench.wait();
    let sent = [Sent::Rest(first), Sent::Rest(second), Sent::Rest(third), Sent::Socket(fourth)];
    assert_eq!(bench.sent, sent);
}

#[test]
fn a_missing_ack_is_made_up_for_by_rest_with_the_same_id() {
    let mut bench = Bench::online();
    let first = bench.submit();
    bench.wait();
    assert_eq!(bench.now_ms, 5_000);
    assert_eq!(bench.sent, [Sent::Socket(first), Sent::Rest(first)]);
    bench.posted(Ok(()));
    bench.ack(first);
    assert_eq!(bench.ended.len(), 1);
    let second = bench.submit();
    bench.wait();
    assert_eq!(bench.sent.last(), Some(&Sent::Socket(second)));
}

#[test]
fn rest_is_the_fallback_after_ten_seconds_without_a_socket() {
    let mut bench = Bench::online();
    bench.now_ms = 60_000;
    bench.on(Input::Link(None));
    let first = bench.submit();
    bench.wait();
    assert_eq!((bench.now_ms, bench.sent.as_slice()), (70_000, [Sent::Rest(first)].as_slice()));
    bench.posted(Ok(()));
    assert_eq!(bench.ended[&first], Outcome::Delivered);
}

#[test]
fn a_429_holds_everything_until_the_time_named() {
    let mut bench = Bench::online();
    let (first, _) = (bench.submit(), bench.submit());
    bench.on(Input::Refused(Some(Uuid::from_u128(first)), status(429, Some("7"))));
    bench.pass_s(6);
    assert_eq!(bench.sent.len(), 1);
    bench.pass_s(3);
    assert_eq!(bench.sent, [Sent::Socket(first), Sent::Rest(first)]);
    assert!(bench.sent_at_ms[1] >= 7_000);
    bench.posted(Err(status(429, Some("99999"))));
    assert!(matches!(bench.notices[..], [Notice::RetryAfterAbsurd { .. }]));
    let held_from = bench.now_ms;
    bench.wait();
    assert!(bench.now_ms >= held_from + 120_000);
}

#[test]
fn a_late_429_on_the_socket_calls_back_the_post_that_made_up_for_it() {
    let mut bench = Bench::online();
    let id = bench.submit();
    bench.wait();
    assert_eq!(bench.sent, [Sent::Socket(id), Sent::Rest(id)]);
    bench.on(Input::Refused(Some(Uuid::from_u128(id)), status(429, Some("5"))));
    assert_eq!(bench.post, None, "it may not have left yet");
    let told_ms = bench.now_ms;
    bench.wait();
    assert!(bench.now_ms >= told_ms + 5_000);
    assert_eq!(bench.sent.last(), Some(&Sent::Rest(id)));
}

#[test]
fn whoever_leaves_waits_for_what_is_under_way_and_begins_nothing() {
    let mut bench = Bench::online();
    let first = bench.submit();
    bench.submit();
    bench.on(Input::Leave);
    assert!(!bench.left, "the first is under way");
    bench.ack(first);
    assert!(bench.left);
    assert_eq!(bench.sent, [Sent::Socket(first)], "the second is the next client's");
    assert_eq!(bench.ended.len(), 1);
}

#[test]
fn whoever_leaves_does_not_wait_long() {
    let mut bench = Bench::online();
    bench.submit();
    bench.on(Input::Leave);
    bench.wait();
    assert!(bench.left);
    assert_eq!(bench.now_ms, 300);
    assert!(bench.ended.is_empty(), "the next client goes on with it");
}

#[test]
fn a_refused_message_fails_at_once_and_the_next_goes_on() {
    for code in [400, 403, 413, 422] {
        let mut bench = Bench::online();
        let (first, second) = (bench.submit(), bench.submit());
        bench.on(Input::Refused(Some(Uuid::from_u128(first)), status(code, None)));
        let reason = Reason::Refused { status: code, code: "code".into() };
        assert_eq!(bench.ended[&first], Outcome::Failed(reason));
        bench.wait();
        assert_eq!(bench.sent.last(), Some(&Sent::Socket(second)));
    }
}

#[test]
fn server_errors_are_retried_until_the_time_to_live_is_over() {
    let mut bench = Bench::online();
    let first = bench.submit();
    bench.on(Input::Refused(Some(Uuid::from_u128(first)), status(500, None)));
    let mut tries = 0;
    while !bench.ended.contains_key(&first) {
        if bench.post.is_some() {
            tries += 1;
            bench.posted(Err(status(503, None)));
        }
        bench.wait();
    }
    assert_eq!(bench.ended[&first], Outcome::Failed(Reason::Expired));
    assert_eq!(bench.now_ms, 300_000);
    // At the cap two tries are about 14 s apart.
    assert!((15..100).contains(&tries), "{tries} tries");
}

#[test]
fn expiry_is_announced_by_itself_and_beats_a_late_ack() {
    let mut bench = Bench::online();
    bench.on(Input::Link(None));
    bench.on(Input::Credentials(None));
    let first = bench.submit();
    bench.wait();
    assert_eq!(bench.now_ms, 300_000);
    assert_eq!(bench.ended[&first], Outcome::Failed(Reason::Expired));
    bench.ack(first);
    assert_eq!(bench.outbox.next_deadline(), None);
}

#[test]
fn an_expired_message_in_flight_is_not_overtaken() {
    let config = OutboxConfig { ttl: Duration::from_secs(3), ..OutboxConfig::default() };
    let mut bench = Bench::new(config);
    bench.new_token();
    bench.on(Input::Link(Some(1)));
    let first = bench.submit();
    bench.now_ms = 2_000;
    let second = bench.submit();
    bench.wait();
    assert_eq!(bench.ended[&first], Outcome::Failed(Reason::Expired));
    assert_eq!(bench.sent, [Sent::Socket(first)]);
    bench.ack(first);
    assert_eq!(bench.sent, [Sent::Socket(first), Sent::Socket(second)]);
}

#[test]
fn the_bounds_refuse_and_say_so() {
    let config = OutboxConfig { max_messages: 2, max_bytes: 10, ..OutboxConfig::default() };
    let mut bench = Bench::new(config);
    let long = bench.submit_text(&"x".repeat(4_097));
    let limits = Reason::TooLong { bytes: 4_097, limit: 4_096 };
    assert_eq!(bench.ended[&long], Outcome::Failed(limits));
    bench.submit_text("123456");
    let bytes = bench.submit_text("12345");
    let full = |messages, bytes| Outcome::Failed(Reason::BufferFull { messages, bytes });
    assert_eq!(bench.ended[&bytes], full(1, 6));
    bench.submit_text("1");
    let count = bench.submit_text("");
    assert_eq!(bench.ended[&count], full(2, 7));
}

#[test]
fn a_rejected_token_stops_rest_until_there_is_a_new_one() {
    let mut bench = Bench::new(OutboxConfig::default());
    let first = bench.submit();
    bench.new_token();
    bench.on(Input::Link(Some(1)));
    bench.posted(Err(status(401, None)));
    assert_eq!(bench.rejected, [1]);
    bench.pass_s(20);
    assert_eq!(bench.sent, [Sent::Rest(first)]);
    bench.new_token();
    bench.posted(Ok(()));
    assert_eq!(bench.ended[&first], Outcome::Delivered);
}

#[test]
fn messages_do_not_move_to_another_conversation() {
    let mut bench = Bench::new(OutboxConfig::default());
    let (first, second) = (bench.submit(), bench.submit());
    bench.new_token();
    bench.on(Input::Link(Some(1)));
    bench.posted(Err(status(410, None)));
    assert_eq!(bench.gone, ["guest"]);
    bench.on(Input::ConversationGone);
    let gone = Outcome::Failed(Reason::ConversationGone);
    assert_eq!(bench.ended, BTreeMap::from([(first, gone.clone()), (second, gone)]));
}

#[test]
fn a_restored_message_keeps_the_life_it_had_left() {
    let mut bench = Bench::new(OutboxConfig::default());
    bench.now_ms = 1_000_000;
    let accepted_at = Wall::new(Duration::from_secs(800));
    let text = String::new();
    bench.on(Input::Restore(Draft { id: Uuid::from_u128(1), text, accepted_at }));
    bench.wait();
    assert_eq!(bench.now_ms, 1_100_000);
    assert_eq!(bench.ended[&1], Outcome::Failed(Reason::Expired));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Submit,
    Ack { echo: bool },
    RequestError { status: u16, retry_after: Option<u8> },
    Network,
    Posted,
    LinkUp,
    LinkDown,
    Token,
    NoToken,
    Gone,
    Wait,
    Pass { seconds: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    let statuses = prop::sample::select(vec![400_u16, 401, 403, 404, 413, 429, 500, 503]);
    prop_oneof![
        6 => Just(Step::Submit),
        4 => any::<bool>().prop_map(|echo| Step::Ack { echo }),
        3 => (statuses, any::<Option<u8>>())
            .prop_map(|(status, retry_after)| Step::RequestError { status, retry_after }),
        1 => Just(Step::Network),
        4 => Just(Step::Posted),
        2 => Just(Step::LinkUp),
        1 => Just(Step::LinkDown),
        2 => Just(Step::Token),
        1 => Just(Step::NoToken),
        1 => Just(Step::Gone),
        6 => Just(Step::Wait),
        3 => any::<u8>().prop_map(|seconds| Step::Pass { seconds }),
    ]
}

fn play(bench: &mut Bench, step: Step, socket: &mut u64) {
    match step {
        Step::Submit => {
            bench.submit();
        }
        Step::Ack { echo } => {
            let id = bench.flying.unwrap_or(1);
            bench.ack(id);
            if echo {
                bench.ack(id);
            }
        }
        Step::RequestError { status: code, retry_after } => {
            let fault = status(code, retry_after.map(|s| s.to_string()).as_deref());
            match bench.post {
                Some(_) => bench.posted(Err(fault)),
                None => bench.on(Input::Refused(bench.flying.map(Uuid::from_u128), fault)),
            }
        }
        Step::Network if bench.post.is_some() => bench.posted(Err(RequestError::Network)),
        Step::Posted if bench.post.is_some() => bench.posted(Ok(())),
        Step::LinkUp => {
            *socket += 1;
            bench.on(Input::Link(Some(*socket)));
        }
        Step::LinkDown => bench.on(Input::Link(None)),
        Step::Token => bench.new_token(),
        Step::NoToken => bench.on(Input::Credentials(None)),
        Step::Gone => bench.on(Input::ConversationGone),
        Step::Wait if bench.outbox.next_deadline().is_some() => bench.wait(),
        Step::Pass { seconds } => bench.pass_s(u64::from(seconds)),
        Step::Network | Step::Posted | Step::Wait => {}
    }
}

proptest! {
    #[test]
    fn whatever_happens_every_message_ends_once_in_order_and_paced(
        steps in prop::collection::vec(step(), 0..150),
    ) {
        let mut bench = Bench::new(OutboxConfig::default());
        let mut socket = 0;
        for step in steps {
            play(&mut bench, step, &mut socket);
            prop_assert_eq!(bench.outbox.len() + bench.ended.len(), (bench.next_id - 1) as usize);
            // Nothing is ever due in the past: an actor would spin.
            let now = bench.now().mono;
            prop_assert!(bench.outbox.next_deadline().is_none_or(|deadline| deadline > now));
        }
        // With the network healed everything left ends, delivered.
        bench.new_token();
        bench.on(Input::Link(Some(socket + 1)));
        let mut turns = 0;
        while !bench.outbox.is_empty() {
            match (bench.post, bench.flying) {
                (Some(_), _) => bench.posted(Ok(())),
                (None, Some(id)) if !bench.ended.contains_key(&id) => bench.ack(id),
                _ => bench.wait(),
            }
            turns += 1;
            prop_assert!(turns < 1_000);
        }
        prop_assert_eq!(bench.ended.len() as u128, bench.next_id - 1);
        prop_assert_eq!(bench.outbox.bytes(), 0);
    }
}
