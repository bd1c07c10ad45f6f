//! The session: one flow at a time, stale generations void, terminal and transient told apart.

use std::time::Duration;

use holdline_client::core::credentials::{Credentials, Issued, SavedGuest};
use holdline_client::core::inbound::Page;
use holdline_client::core::request_error::RequestError;
use holdline_client::core::session::{Effect, Incoming, Input, Op, Session};
use holdline_client::{Instant, Notice, Now, SessionConfig, State, TerminalReason, Wall, Why};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

/// A session with its surroundings played by hand; holds the invariants in every step.
struct Bench {
    session: Session,
    now_ms: u64,
    create: Option<u64>,
    refresh: Option<u64>,
    dial: Option<u64>,
    history: Option<u64>,
    socket: Option<u64>,
    pings: u32,
    states: Vec<State>,
    notices: Vec<Notice>,
    guests: Vec<SavedGuest>,
    credentials: Option<Credentials>,
    gone: u32,
    backoff_until: Wall,
    finished: bool,
}

impl Bench {
    fn new(config: SessionConfig) -> Self {
        Self {
            session: Session::new(config, 0, ChaCha8Rng::seed_from_u64(11)),
            now_ms: 0,
            create: None,
            refresh: None,
            dial: None,
            history: None,
            socket: None,
            pings: 0,
            states: Vec::new(),
            notices: Vec::new(),
            guests: Vec::new(),
            credentials: None,
            gone: 0,
            backoff_until: Wall::default(),
            finished: false,
        }
    }

    fn started() -> Self {
        let mut bench = Self::new(SessionConfig::default());
        bench.on(Input::Start(None));
        bench
    }

    fn open() -> Self {
        let mut bench = Self::started();
        bench.create_ok("g1");
        bench.dial_ok();
        bench
    }

    fn now(&self) -> Now {
        let since = Duration::from_millis(self.now_ms);
        Now { mono: Instant::new(since), wall: Wall::new(since) }
    }

    fn on(&mut self, input: Input) {
        let mut out = Vec::new();
        self.session.on(self.now(), input, &mut out);
        for effect in out {
            self.take(effect);
        }
        let flows = [self.create, self.dial, self.socket].into_iter().flatten().count();
        assert!(flows <= 1, "two flows at once");
        if matches!(self.session.state(), State::Terminal(_) | State::Closed) {
            assert_eq!(flows, 0, "a final state with something under way");
            assert_eq!(self.session.next_deadline(), None, "a timer in a final state");
            assert_eq!(self.credentials, None);
        }
    }

    fn take(&mut self, effect: Effect) {
        assert!(!self.finished, "something is wanted after the end: {effect:?}");
        match effect {
            Effect::Create(op) => assert_eq!(self.create.replace(op), None),
            Effect::Refresh(op, _) => assert_eq!(self.refresh.replace(op), None, "single flight"),
            Effect::Dial(op, _) => assert_eq!(self.dial.replace(op), None),
            Effect::History(op, ..) => assert_eq!(self.history.replace(op), None),
            Effect::Cancel(Op::Create(_)) => self.create = None,
            Effect::Cancel(Op::Refresh(_)) => self.refresh = None,
            Effect::Cancel(Op::Dial(_)) => self.dial = None,
            Effect::Cancel(Op::History(_)) => self.history = None,
            Effect::Ping(socket) => {
                assert_eq!(self.socket, Some(socket));
                self.pings += 1;
            }
            Effect::Close(socket, _) if self.socket == Some(socket) => self.socket = None,
            Effect::State(state) => self.states.push(state),
            Effect::Notice(notice) => self.notices.push(notice),
            Effect::SaveGuest(guest) => self.guests.push(guest),
            Effect::Credentials(credentials) => self.credentials = credentials,
            Effect::ConversationGone => self.gone += 1,
            Effect::SaveBackoff { until, .. } => self.backoff_until = until,
            Effect::Finished => self.finished = true,
            _ => {}
        }
    }

    fn create_ok(&mut self, instance: &str) {
        let op = self.create.take().expect("a guest is being created");
        self.on(Input::Created(op, Ok(issued(instance, Some(1_800)))));
    }

    fn refresh(&mut self, result: Result<Issued, RequestError>) {
        let op = self.refresh.take().expect("the token is being refreshed");
        self.on(Input::Refreshed(op, result));
    }

    fn dial_ok(&mut self) {
        let op = self.dial.take().expect("a socket is being opened");
        self.socket = Some(op);
        self.on(Input::Dialed(op, Ok(())));
        self.frame(Incoming::Alive);
        self.history_ok();
    }

    fn dial_err(&mut self, status: u16, retry_after: Option<&str>) {
        let op = self.dial.take().expect("a socket is being opened");
        self.on(Input::Dialed(op, Err(fault(status, retry_after))));
    }

    fn history_ok(&mut self) {
        if let Some(op) = self.history.take() {
            self.on(Input::History(op, Ok(Page { messages: Vec::new(), more: false })));
        }
    }

    fn frame(&mut self, frame: Incoming) {
        let socket = self.socket.expect("a socket is open");
        self.on(Input::Frame(socket, frame));
    }

    fn ended(&mut self, code: Option<u16>) {
        let socket = self.socket.take().expect("a socket is open");
        self.on(Input::Ended(socket, code));
    }

    fn wait(&mut self) {
        let deadline = self.session.next_deadline().expect("something is due");
        self.now_ms = self.now_ms.max(deadline.since_start().as_micros().div_ceil(1_000) as u64);
        self.on(Input::Tick);
    }

    fn waited_ms(&mut self) -> u64 {
        let from = self.now_ms;
        self.wait();
        self.now_ms - from
    }
}

fn issued(instance: &str, expires_in_s: Option<u64>) -> Issued {
    Issued { instance: instance.into(), token: "token".into(), expires_in_s }
}

fn fault(status: u16, retry_after: Option<&str>) -> RequestError {
    let retry_after = retry_after.map(str::to_owned);
    RequestError::Status { status, code: String::new(), retry_after }
}

fn terminal(reason: TerminalReason) -> State {
    State::Terminal(reason)
}

#[test]
fn a_guest_that_is_gone_before_it_is_there_is_refused() {
    let mut bench = Bench::started();
    let op = bench.create.take().expect("a guest is being created");
    bench.on(Input::Created(op, Err(fault(410, None))));
    assert_eq!(bench.session.state(), terminal(TerminalReason::Refused(410)));
}

#[test]
fn what_is_under_way_has_its_time() {
    let mut bench = Bench::started();
    bench.now_ms += 1;
    bench.on(Input::Tick);
    assert!(bench.create.is_some());
    bench.create_ok("g1");
    bench.now_ms += 1;
    bench.on(Input::Tick);
    assert!(bench.dial.is_some());
}

#[test]
fn a_guest_is_created_then_a_socket_opened() {
    let bench = Bench::open();
    assert_eq!(bench.states, [State::Connecting, State::Open]);
    assert_eq!(bench.pings, 1, "a ping goes out with the opening");
    assert_eq!(bench.guests[0].expires_at, Wall::new(Duration::from_mins(30)));
}

#[test]
fn starting_is_as_robust_as_reconnecting() {
    let mut bench = Bench::started();
    for _ in 0..20 {
        let op = bench.create.take().expect("another try");
        bench.on(Input::Created(op, Err(fault(503, None))));
        assert!(bench.waited_ms() <= 15_000);
    }
    let op = bench.create.take().expect("another try");
    bench.on(Input::Created(op, Err(fault(429, Some("30")))));
    assert!(bench.waited_ms() >= 30_000);
    bench.wait();
    assert!(bench.create.is_none(), "the try ran into its deadline");
    bench.wait();
    bench.create_ok("g1");
    bench.dial_ok();
    assert_eq!(bench.session.state(), State::Open);
}

#[test]
fn refusals_at_creation_are_terminal_and_reconnect_leaves_them() {
    for (status, reason) in [
        (401, TerminalReason::Unauthorized),
        (403, TerminalReason::Forbidden),
        (400, TerminalReason::Refused(400)),
    ] {
        let mut bench = Bench::started();
        let op = bench.create.take().expect("a guest is being created");
        bench.on(Input::Created(op, Err(fault(status, None))));
        assert_eq!(bench.session.state(), terminal(reason));
        bench.on(Input::Reconnect);
        bench.create_ok("g1");
        bench.dial_ok();
        assert_eq!(bench.session.state(), State::Open);
    }
}

#[test]
fn close_codes_are_told_apart() {
    for (code, reason) in [(1008, TerminalReason::Policy), (4401, TerminalReason::SessionEnded)] {
        let mut bench = Bench::open();
        bench.ended(Some(code));
        assert_eq!(bench.session.state(), terminal(reason));
    }
    for code in [None, Some(1000), Some(1001), Some(1011), Some(1006), Some(4000)] {
        let mut bench = Bench::open();
        bench.ended(code);
        let why = Why::Closed(code.unwrap_or(1006));
        assert!(matches!(bench.session.state(), State::Waiting { why: w, .. } if w == why));
        bench.wait();
        bench.dial_ok();
        assert_eq!(bench.guests.len(), 1, "the guest is kept");
    }
}

#[test]
fn a_401_is_cured_by_one_refresh_or_terminal() {
    let mut bench = Bench::open();
    bench.ended(None);
    bench.wait();
    bench.dial_err(401, None);
    bench.refresh(Ok(issued("g1", Some(60))));
    bench.dial_err(401, None);
    assert_eq!(bench.session.state(), terminal(TerminalReason::Unauthorized));
    bench.on(Input::Reconnect);
    bench.dial_err(401, None);
    bench.refresh(Ok(issued("g1", Some(60))));
    bench.dial_ok();
    assert_eq!(bench.session.state(), State::Open);
}

#[test]
fn a_dead_peer_is_dropped_within_25_seconds_and_silence_is_probed() {
    let mut bench = Bench::open();
    bench.wait();
    assert_eq!((bench.now_ms, bench.pings), (15_000, 2));
    bench.wait();
    assert_eq!(bench.now_ms, 23_000);
    assert!(bench.socket.is_none());
    assert!(matches!(bench.session.state(), State::Waiting { why: Why::DeadPeer, .. }));
}

#[test]
fn a_frame_read_late_still_counts_as_life() {
    let mut bench = Bench::open();
    bench.now_ms = 60_000;
    bench.frame(Incoming::Alive);
    assert_eq!(bench.session.state(), State::Open);
}

#[test]
fn the_backoff_resets_only_after_a_stable_session() {
    let longest = |stays_ms: u64, silent_ms: u64| {
        let mut bench = Bench::open();
        let mut longest = 0;
        for _ in 0..40 {
            bench.now_ms += stays_ms;
            bench.frame(Incoming::Alive);
            bench.now_ms += silent_ms;
            bench.ended(None);
            longest = longest.max(bench.waited_ms());
            bench.dial_ok();
        }
        longest
    };
    assert!(longest(1_000, 0) > 5_000, "a flapping server is left in peace");
    assert!(longest(1_000, 20_000) > 5_000, "the silence before a death is no life");
    assert!(longest(10_000, 0) <= 1_000, "a stable session starts afresh");
}

#[test]
fn a_socket_that_never_spoke_is_no_reason_to_reset() {
    let stable_after = Duration::from_secs(1);
    let mut bench = Bench::new(SessionConfig { stable_after, ..SessionConfig::default() });
    bench.on(Input::Start(None));
    bench.create_ok("g1");
    let mut longest = 0;
    for _ in 0..40 {
        let op = bench.dial.take().expect("a socket is being opened");
        bench.socket = Some(op);
        bench.on(Input::Dialed(op, Ok(())));
        bench.history_ok();
        bench.now_ms += 5_000;
        bench.ended(None);
        longest = longest.max(bench.waited_ms());
    }
    assert!(longest > 5_000);
}

#[test]
fn reconnect_skips_a_backoff_but_never_a_retry_after() {
    let mut bench = Bench::open();
    bench.ended(None);
    bench.on(Input::Reconnect);
    bench.dial_err(503, Some("20"));
    bench.on(Input::Reconnect);
    assert_eq!(bench.dial, None);
    let waited = bench.waited_ms();
    assert!((20_000..20_001).contains(&waited));
    assert!(bench.dial.is_some());
}

#[test]
fn a_token_is_refreshed_ahead_of_its_end_without_leaving_the_conversation() {
    let mut bench = Bench::open();
    while bench.refresh.is_none() {
        bench.wait();
        bench.frame(Incoming::Alive);
    }
    assert_eq!(bench.now_ms, 29 * 60 * 1_000);
    bench.refresh(Err(fault(503, None)));
    while bench.refresh.is_none() {
        bench.wait();
    }
    bench.refresh(Ok(issued("g1", Some(1_800))));
    assert_eq!(bench.states, [State::Connecting, State::Open]);
    assert_eq!(bench.credentials.as_ref().map(|c| c.instance.as_str()), Some("g1"));
}

#[test]
fn a_token_that_ended_offline_is_refreshed_before_connecting() {
    let mut bench = Bench::new(SessionConfig::default());
    bench.now_ms = 10_000;
    let expires_at = Wall::new(Duration::from_secs(9));
    let saved = SavedGuest { instance: "g0".into(), token: "old".into(), expires_at };
    bench.on(Input::Start(Some(saved)));
    assert_eq!(bench.dial, None);
    bench.refresh(Ok(issued("g0", None)));
    assert_eq!(bench.notices, [Notice::ExpiryAssumed(Duration::from_mins(30))]);
    bench.dial_ok();
    assert_eq!(bench.gone, 0);
}

#[test]
fn a_refresh_that_names_another_guest_is_not_taken() {
    let mut bench = Bench::open();
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    bench.on(Input::TokenRejected(generation));
    bench.refresh(Ok(issued("someone-else", Some(60))));
    assert_eq!(bench.credentials, None, "a rejected token is nobody's");
    bench.wait();
    bench.refresh(Ok(issued("g1", Some(60))));
    let fresh = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    assert_eq!(bench.session.state(), State::Open, "an old rejection is void");
    bench.on(Input::TokenRejected(fresh));
    assert_eq!(bench.session.state(), terminal(TerminalReason::Unauthorized));
}

#[test]
fn a_rejection_while_dialing_ends_the_dial() {
    let mut bench = Bench::open();
    bench.ended(None);
    bench.wait();
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    assert_eq!(bench.dial, None, "it would only hear the same");
    assert_eq!(bench.session.state(), State::Connecting);
    bench.refresh(Ok(issued("g1", Some(600))));
    bench.dial_err(401, None);
    assert_eq!(bench.session.state(), terminal(TerminalReason::Unauthorized));
}

#[test]
fn a_rejected_token_is_remembered_as_expired() {
    let mut bench = Bench::open();
    bench.now_ms += 1_000;
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    let saved = bench.guests.pop().expect("the next client must know");
    assert_eq!((saved.instance.as_str(), saved.expires_at), ("g1", bench.now().wall));
    let mut next = Bench::new(SessionConfig::default());
    next.now_ms = bench.now_ms;
    next.on(Input::Start(Some(saved)));
    assert!(next.refresh.is_some() && next.dial.is_none(), "it asks for another one first");
}

#[test]
fn nothing_is_fetched_with_a_rejected_token() {
    let mut bench = Bench::started();
    bench.create_ok("g1");
    let op = bench.dial.take().expect("a socket is being opened");
    bench.socket = Some(op);
    bench.on(Input::Dialed(op, Ok(())));
    let history = bench.history.take().expect("what was missed is fetched");
    bench.on(Input::History(history, Err(fault(401, None))));
    bench.refresh(Err(fault(429, Some("5"))));
    while bench.refresh.is_none() {
        bench.wait();
        bench.frame(Incoming::Alive);
        assert_eq!(bench.history, None, "the token is known to be dead");
    }
    bench.refresh(Ok(issued("g1", Some(600))));
    assert!(bench.history.is_some(), "and now it is not");
}

#[test]
fn a_wait_that_the_user_cut_short_is_not_left_to_the_next_client() {
    let mut bench = Bench::open();
    bench.ended(None);
    assert!(bench.backoff_until > bench.now().wall, "the next client would wait, too");
    bench.on(Input::Reconnect);
    assert_eq!(bench.backoff_until, bench.now().wall);
}

#[test]
fn a_late_rejection_of_the_old_token_says_nothing_about_the_new_one() {
    let mut bench = Bench::started();
    bench.create_ok("g1");
    let op = bench.dial.take().expect("a socket is being opened");
    bench.socket = Some(op);
    bench.on(Input::Dialed(op, Ok(())));
    let history = bench.history.take().expect("what was missed is fetched");
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    bench.refresh(Ok(issued("g1", Some(600))));
    bench.on(Input::History(history, Err(fault(401, None))));
    assert_eq!(bench.session.state(), State::Open);
    assert_eq!(bench.refresh, None);
}

#[test]
fn a_terminal_state_is_left_by_reconnect_and_by_nothing_else() {
    let mut bench = Bench::open();
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.ended(Some(1008));
    bench.on(Input::GuestGone("g1".into()));
    bench.on(Input::TokenRejected(generation));
    assert_eq!(bench.session.state(), terminal(TerminalReason::Policy));
    assert_eq!(bench.gone, 0);
    bench.on(Input::Reconnect);
    bench.refresh(Err(fault(410, None)));
    assert_eq!(bench.gone, 1, "what was heard meanwhile is asked about first");
}

#[test]
fn a_token_that_messages_were_refused_with_twice_is_replaced_by_reconnect() {
    let mut bench = Bench::open();
    let current = |bench: &Bench| bench.credentials.as_ref().map_or(0, |c| c.generation);
    let first = current(&bench);
    bench.on(Input::TokenRejected(first));
    bench.refresh(Ok(issued("g1", Some(600))));
    let refused = current(&bench);
    bench.on(Input::TokenRejected(refused));
    assert_eq!(bench.session.state(), terminal(TerminalReason::Unauthorized));
    bench.on(Input::Reconnect);
    // The outbox sends nothing under the old one, however welcome it may be at the handshake.
    bench.refresh(Ok(issued("g1", Some(600))));
    bench.dial_ok();
    assert!(current(&bench) > refused);
}

#[test]
fn reconnect_after_a_refused_refresh_tries_at_once() {
    let mut bench = Bench::open();
    let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
    bench.on(Input::TokenRejected(generation));
    bench.refresh(Err(fault(401, None)));
    assert_eq!(bench.session.state(), terminal(TerminalReason::Unauthorized));
    bench.on(Input::Reconnect);
    assert_eq!(bench.session.state(), State::Connecting);
    bench.refresh(Ok(issued("g1", Some(600))));
    bench.dial_ok();
}

#[test]
fn a_404_without_a_word_is_asked_about_before_the_guest_is_given_up() {
    let mut bench = Bench::open();
    bench.ended(None);
    bench.wait();
    bench.dial_err(404, None);
    assert!(matches!(bench.session.state(), State::Waiting { why: Why::Status(404), .. }));
    bench.wait();
    bench.refresh(Ok(issued("g1", Some(600))));
    bench.dial_ok();
    assert_eq!(bench.gone, 0);
}

#[test]
fn a_guest_that_is_gone_is_replaced_and_reported() {
    let mut bench = Bench::open();
    bench.on(Input::GuestGone("other".into()));
    assert_eq!(bench.gone, 0);
    bench.on(Input::GuestGone("g1".into()));
    assert_eq!((bench.gone, bench.socket), (1, None));
    bench.wait();
    bench.create_ok("g2");
    bench.dial_ok();
    let replaced = Notice::GuestReplaced { old: "g1".into(), new: "g2".into() };
    assert_eq!(bench.notices, [replaced]);
}

#[test]
fn attempts_are_counted_when_asked_to() {
    let mut bench = Bench::new(SessionConfig { max_attempts: Some(3), ..SessionConfig::default() });
    bench.on(Input::Start(None));
    bench.wait();
    bench.wait();
    bench.wait();
    bench.wait();
    bench.wait();
    assert_eq!(bench.session.state(), terminal(TerminalReason::GaveUp(3)));
}

#[test]
fn events_of_old_generations_are_void() {
    let mut bench = Bench::open();
    let old = bench.socket.expect("a socket is open");
    bench.ended(None);
    bench.wait();
    bench.dial_ok();
    bench.on(Input::Ended(old, Some(1008)));
    bench.on(Input::Frame(old, Incoming::Alive));
    bench.on(Input::Created(1, Ok(issued("g9", Some(60)))));
    bench.on(Input::Refreshed(1, Err(fault(410, None))));
    bench.on(Input::History(1, Err(fault(410, None))));
    assert_eq!(bench.session.state(), State::Open);
    assert_eq!(bench.gone, 0);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Tick,
    Pass(u16),
    Reconnect,
    Create(Result<(), u16>),
    Refresh(Result<(), u16>),
    Dial(Result<(), u16>),
    History(Result<(), u16>),
    Ended(Option<u16>),
    Alive,
    Rejected,
    Gone,
    Stale(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let code = || prop::sample::select(vec![400_u16, 401, 403, 404, 410, 429, 500, 503]);
    let result = move || prop::result::maybe_ok(Just(()), code());
    let close = prop::sample::select(vec![1000_u16, 1001, 1008, 1011, 4401]);
    prop_oneof![
        6 => Just(Step::Tick),
        2 => any::<u16>().prop_map(Step::Pass),
        2 => Just(Step::Reconnect),
        4 => result().prop_map(Step::Create),
        3 => result().prop_map(Step::Refresh),
        5 => result().prop_map(Step::Dial),
        2 => result().prop_map(Step::History),
        2 => prop::option::of(close).prop_map(Step::Ended),
        2 => Just(Step::Alive),
        1 => Just(Step::Rejected),
        1 => Just(Step::Gone),
        2 => any::<u8>().prop_map(Step::Stale),
    ]
}

fn play(bench: &mut Bench, step: Step) {
    let answer = |result: Result<(), u16>| match result {
        Ok(()) => Ok(issued("g1", Some(60))),
        Err(status) => Err(fault(status, None)),
    };
    match step {
        Step::Tick if bench.session.next_deadline().is_some() => bench.wait(),
        Step::Pass(ms) => {
            bench.now_ms += u64::from(ms);
            bench.on(Input::Tick);
        }
        Step::Reconnect => bench.on(Input::Reconnect),
        Step::Create(result) => {
            if let Some(op) = bench.create.take() {
                bench.on(Input::Created(op, answer(result)));
            }
        }
        Step::Refresh(result) => {
            if let Some(op) = bench.refresh.take() {
                bench.on(Input::Refreshed(op, answer(result)));
            }
        }
        Step::Dial(result) => {
            if let Some(op) = bench.dial.take() {
                bench.socket = result.is_ok().then_some(op);
                bench.on(Input::Dialed(op, result.map_err(|status| fault(status, None))));
            }
        }
        Step::History(result) => {
            if let Some(op) = bench.history.take() {
                let page = Page { messages: Vec::new(), more: false };
                let result = result.map(|()| page).map_err(|status| fault(status, None));
                bench.on(Input::History(op, result));
            }
        }
        Step::Ended(code) if bench.socket.is_some() => bench.ended(code),
        Step::Alive if bench.socket.is_some() => bench.frame(Incoming::Alive),
        Step::Rejected => {
            let generation = bench.credentials.as_ref().map_or(0, |c| c.generation);
            bench.on(Input::TokenRejected(generation));
        }
        Step::Gone => bench.on(Input::GuestGone("g1".into())),
        Step::Stale(op) => stale(bench, u64::from(op)),
        Step::Tick | Step::Ended(_) | Step::Alive => {}
    }
}

fn stale(bench: &mut Bench, op: u64) {
    // What is due begins now: its number may be this one.
    bench.on(Input::Tick);
    let current =
        [bench.create, bench.refresh, bench.dial, bench.history, bench.socket].contains(&Some(op));
    if !current {
        let before = bench.session.state();
        bench.on(Input::Created(op, Err(fault(400, None))));
        bench.on(Input::Refreshed(op, Err(fault(401, None))));
        bench.on(Input::Dialed(op, Err(fault(403, None))));
        bench.on(Input::History(op, Err(fault(410, None))));
        bench.on(Input::Ended(op, Some(1008)));
        assert_eq!(bench.session.state(), before);
    }
}

proptest! {
    #[test]
    fn one_flow_at_a_time_and_back_once_everything_is_well(
        steps in prop::collection::vec(step(), 0..150),
    ) {
        let mut bench = Bench::started();
        for step in steps {
            play(&mut bench, step);
            let waiting = bench.session.next_deadline().is_some();
            let last = matches!(bench.session.state(), State::Terminal(_));
            prop_assert!(waiting || last, "neither a timer nor a final state");
        }
        bench.on(Input::Reconnect);
        let healed_at = bench.now_ms;
        let mut turns = 0;
        while bench.session.state() != State::Open {
            match (bench.create, bench.refresh, bench.dial) {
                (Some(_), ..) => bench.create_ok("g1"),
                (None, Some(_), _) => bench.refresh(Ok(issued("g1", Some(60)))),
                (None, None, Some(_)) => bench.dial_ok(),
                _ => bench.wait(),
            }
            turns += 1;
            prop_assert!(turns < 20, "does not come back");
        }
        prop_assert!(bench.now_ms - healed_at <= 30_000);
        bench.on(Input::Shutdown);
        prop_assert!(bench.finished && bench.socket.is_none());
        bench.on(Input::Reconnect);
        bench.on(Input::Tick);
    }
}
