//! The inbound cursor: exactly once, in order, whatever is missed, repeated or shuffled.

use std::time::Duration;

use holdline_client::core::inbound::{Cursor, Effect, HELD_MAX, Input, Page};
use holdline_client::core::request_error::RequestError;
use holdline_client::{BackoffConfig, Inbound, Instant, Notice, Now, Wall};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

fn now(ms: u64) -> Now {
    let since = Duration::from_millis(ms);
    Now { mono: Instant::new(since), wall: Wall::new(since) }
}

fn message(sequence: u64) -> Inbound {
    Inbound { id: format!("a{sequence}"), sequence: Some(sequence), text: String::new() }
}

struct Bench {
    cursor: Cursor,
    now_ms: u64,
    shown: Vec<u64>,
    fetch: Option<(u64, u64)>,
    notices: Vec<Notice>,
}

impl Bench {
    fn new() -> Self {
        let rng = ChaCha8Rng::seed_from_u64(3);
        let cursor = Cursor::new(0, Duration::from_secs(10), BackoffConfig::default(), rng);
        Self { cursor, now_ms: 0, shown: Vec::new(), fetch: None, notices: Vec::new() }
    }

    fn on(&mut self, input: Input) {
        let mut out = Vec::new();
        self.cursor.on(now(self.now_ms), input, &mut out);
        for effect in out {
            match effect {
                Effect::Show(message) => self.shown.extend(message.sequence),
                Effect::Cursor(sequence) => assert_eq!(Some(&sequence), self.shown.last()),
                Effect::Fetch { op, after } => {
                    assert_eq!(self.fetch.replace((op, after)), None, "two fetches at once");
                }
                Effect::Cancel { op } => {
                    assert_eq!(self.fetch.take().map(|(current, _)| current), Some(op));
                }
                Effect::Notice(notice) => self.notices.push(notice),
                Effect::NotBefore(_) | Effect::Seen(_) => {}
            }
        }
    }

    fn live(&mut self, sequence: u64) {
        self.on(Input::Live(message(sequence)));
    }

    fn answer(&mut self, result: Result<Page, RequestError>) {
        let (op, _) = self.fetch.take().expect("a fetch is under way");
        self.on(Input::Page { op, result });
    }

    fn answer_from(&mut self, server: &[u64], page: usize) {
        let (_, after) = self.fetch.expect("a fetch is under way");
        let left: Vec<u64> = server.iter().copied().filter(|sequence| *sequence > after).collect();
        let messages = left.iter().take(page).map(|sequence| message(*sequence)).collect();
        self.answer(Ok(Page { messages, more: left.len() > page }));
    }

    fn wait(&mut self) {
        let deadline = self.cursor.next_deadline().expect("something is due");
        self.now_ms = deadline.since_start().as_millis() as u64 + 1;
        self.on(Input::Tick);
    }
}

#[test]
fn what_was_missed_is_fetched_page_by_page_on_opening() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    bench.live(6);
    bench.answer_from(&[1, 2, 3, 4, 5, 6], 2);
    bench.answer_from(&[1, 2, 3, 4, 5, 6], 2);
    bench.answer_from(&[1, 2, 3, 4, 5, 6], 2);
    assert_eq!(bench.shown, [1, 2, 3, 4, 5, 6]);
    assert_eq!(bench.cursor.held(), 0);
    assert_eq!(bench.cursor.next_deadline(), None);
}

#[test]
fn a_gap_on_a_live_socket_is_fetched() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    bench.answer_from(&[], 100);
    bench.live(1);
    bench.live(3);
    assert_eq!(bench.shown, [1]);
    bench.answer_from(&[1, 2, 3], 100);
    assert_eq!(bench.shown, [1, 2, 3]);
    bench.live(2);
    assert_eq!((bench.fetch, bench.shown.len()), (None, 3), "a repeat costs nothing");
}

#[test]
fn a_fetch_and_a_wait_have_their_time() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    bench.now_ms = 9_999;
    bench.on(Input::Tick);
    assert!(bench.fetch.is_some(), "it has ten seconds");
    bench.answer(Err(RequestError::Timeout));
    bench.on(Input::Tick);
    assert_eq!(bench.fetch, None, "the next one waits");
    bench.wait();
    bench.answer_from(&[1, 2, 3], 100);
    assert_eq!(bench.cursor.sequence(), 3);
}

#[test]
fn a_failing_fetch_is_retried_and_obeys_retry_after() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    let code = String::new();
    bench.answer(Err(RequestError::Status { status: 503, code, retry_after: Some("7".into()) }));
    assert!(bench.cursor.next_deadline() >= Some(now(7_000).mono));
    bench.wait();
    bench.wait();
    assert_eq!(bench.fetch, None, "the second fetch ran into its deadline");
    bench.wait();
    bench.answer_from(&[1], 100);
    assert_eq!(bench.shown, [1]);
}

#[test]
fn without_a_token_a_fetch_waits_for_one() {
    let mut bench = Bench::new();
    bench.on(Input::Token(false));
    bench.on(Input::Opened);
    assert_eq!((bench.fetch, bench.cursor.next_deadline()), (None, None));
    bench.on(Input::Token(true));
    bench.answer_from(&[1, 2], 10);
    assert_eq!(bench.shown, [1, 2]);
}

#[test]
fn a_refused_history_is_reported_and_left_alone_until_the_next_opening() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    let refused = RequestError::Status { status: 403, code: String::new(), retry_after: None };
    bench.answer(Err(refused));
    assert_eq!(bench.notices, [Notice::HistoryRefused(403)]);
    assert_eq!(bench.cursor.next_deadline(), None);
    bench.live(1);
    bench.live(4);
    assert_eq!(bench.shown, [1, 4], "what cannot be had holds nothing up");
    assert_eq!(bench.notices[1..], [Notice::SequenceGap { after: 1, before: 4 }]);
    bench.on(Input::Opened);
    assert!(bench.fetch.is_some());
}

#[test]
fn a_hole_in_the_servers_numbering_is_reported_and_passed() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    bench.answer_from(&[1, 2, 5], 100);
    assert_eq!(bench.shown, [1, 2, 5]);
    assert_eq!(bench.notices, [Notice::SequenceGap { after: 2, before: 5 }]);
}

#[test]
fn a_gap_the_history_never_fills_is_passed_after_a_bounded_number_of_fetches() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    bench.live(3);
    let mut fetches = 0;
    while bench.shown.is_empty() {
        bench.answer_from(&[], 100);
        fetches += 1;
        if bench.shown.is_empty() && bench.fetch.is_none() {
            bench.wait();
        }
        assert!(fetches < 10);
    }
    assert_eq!(bench.shown, [3]);
    assert_eq!(bench.notices, [Notice::SequenceGap { after: 0, before: 3 }]);
}

#[test]
fn what_was_let_go_is_fetched_again() {
    let mut bench = Bench::new();
    bench.on(Input::Opened);
    let last = HELD_MAX as u64 + 10;
    for sequence in 2..=last {
        bench.live(sequence);
    }
    assert_eq!(bench.cursor.held(), HELD_MAX);
    bench.answer_from(&[1], 100);
    let server: Vec<u64> = (1..=last).collect();
    bench.answer_from(&server, 1_000);
    assert_eq!(bench.shown, server);
    assert_eq!(bench.notices, []);
}

#[test]
fn unnumbered_messages_are_deduplicated_by_id() {
    let mut bench = Bench::new();
    let unnumbered = |id: &str| Inbound { id: id.into(), sequence: None, text: String::new() };
    let mut out = Vec::new();
    for id in ["x", "y", "x"] {
        bench.cursor.on(now(0), Input::Live(unnumbered(id)), &mut out);
    }
    // First shown, then remembered: a crash in between shows it twice rather than never.
    let taken = |id| [Effect::Show(unnumbered(id)), Effect::Seen(id.into())];
    assert_eq!(out, [taken("x"), taken("y")].concat());
}

proptest! {
    #[test]
    fn shown_exactly_once_and_in_order(
        count in 1_u64..60,
        page in 1_usize..20,
        steps in prop::collection::vec((0_u8..6, 1_u64..60), 0..120),
    ) {
        let server: Vec<u64> = (1..=count).collect();
        let mut bench = Bench::new();
        for (step, number) in steps {
            match step {
                0 => { bench.on(Input::Closed); bench.on(Input::Opened); }
                1 | 2 => if number <= count { bench.live(number); },
                3 => if bench.fetch.is_some() { bench.answer(Err(RequestError::Network)); },
                4 => if bench.fetch.is_some() { bench.answer_from(&server, page); },
                _ => if bench.cursor.next_deadline().is_some() { bench.wait(); },
            }
            prop_assert!(bench.cursor.held() <= HELD_MAX);
            prop_assert!(bench.shown.iter().copied().eq(1..=bench.shown.len() as u64));
        }
        bench.on(Input::Closed);
        bench.on(Input::Opened);
        while bench.shown.len() < server.len() {
            prop_assert!(bench.fetch.is_some());
            bench.answer_from(&server, page);
        }
        prop_assert_eq!(bench.shown, server);
        prop_assert_eq!(bench.notices, []);
    }
}
