//! The diagram of logs with tabs, drawn from logs written by hand.

use std::time::Duration;

use holdline_sim::trace::conditions::BrowserChange;
use holdline_sim::trace::diagram::{WIDTH, diagram, excerpt};
use holdline_sim::trace::event::Route;
use holdline_sim::trace::reports::{Feature, FollowReason, LeadReason, State};
use holdline_sim::trace::{End, Endpoint, Event, Frame, Kind, Lane, Life};

const CLOUD: Lane = Lane::Cloud;
const A: Lane = Lane::Tab(0);
const B: Lane = Lane::Tab(1);
const C: Lane = Lane::Tab(2);

#[derive(Default)]
struct Story(Vec<Event>);

impl Story {
    fn push(mut self, at_ms: u64, lane: Lane, kind: Kind) -> Self {
        self.0.push(Event { at: Duration::from_millis(at_ms), lane, kind });
        self
    }

    fn life(self, at_ms: u64, lane: Lane, life: Life) -> Self {
        self.push(at_ms, lane, Kind::Life { life })
    }

    fn leads(self, at_ms: u64, lane: Lane, epoch: u64) -> Self {
        self.push(at_ms, lane, Kind::Leads { epoch, why: LeadReason::Other("focus") })
    }

    fn follows(self, at_ms: u64, lane: Lane) -> Self {
        self.push(at_ms, lane, Kind::Follows { why: FollowReason::Other("handed over".into()) })
    }

    fn shown(self, at_ms: u64, lane: Lane, message: &str) -> Self {
        self.push(at_ms, lane, Kind::Shown { message: message.into() })
    }

    fn state(self, at_ms: u64, lane: Lane, state: State) -> Self {
        self.push(at_ms, lane, Kind::State { state })
    }

    /// A handshake of a tab that takes 40 ms, at both ends.
    fn socket(self, at_ms: u64, lane: Lane, conn: u32, cloud_conn: u32) -> Self {
        let request = |conn| Kind::Request { conn, endpoint: Endpoint::Socket, message: None };
        let answer = |conn| Kind::Answer {
            conn,
            endpoint: Endpoint::Socket,
            status: 101,
            retry_after: None,
            message: None,
        };
        self.push(at_ms, lane, request(conn))
            .push(at_ms + 20, CLOUD, request(cloud_conn))
            .push(at_ms + 20, CLOUD, answer(cloud_conn))
            .push(at_ms + 40, lane, answer(conn))
    }

    fn frame(self, at_ms: u64, from: (Lane, u32), to: (Lane, u32), frame: &Frame) -> Self {
        let ((from, out), (to, into)) = (from, to);
        self.push(at_ms, from, Kind::FrameOut { conn: out, frame: frame.clone() }).push(
            at_ms + 20,
            to,
            Kind::FrameIn { conn: into, frame: frame.clone() },
        )
    }

    fn drawn(&self) -> String {
        let text = diagram(&self.0);
        assert!(text.lines().all(|line| line.len() <= WIDTH), "a line is too long:\n{text}");
        text
    }
}

/// Three tabs, of which the first leads.
fn three() -> Story {
    [A, B, C]
        .into_iter()
        .fold(Story::default(), |story, tab| story.life(0, tab, Life::Opened))
        .life(0, A, Life::Shown)
        .life(0, A, Life::Focused)
        .push(1, A, Kind::Claimed { epoch: 1 })
        .leads(2, A, 1)
        .socket(10, A, 1, 1)
        .state(50, A, State::Open)
        .state(52, B, State::Open)
        .state(53, C, State::Open)
}

#[test]
fn a_message_an_answer_and_a_hand_over() {
    let typed = Kind::Typed { message: "m1".into(), bytes: 9 };
    let stored = Kind::Stored { guest: 1, message: "m1".into(), route: Route::Socket };
    let said = Kind::Said { message: "a1".into(), guest: Some(1) };
    let (message, agent) = (Frame::Message("m1".into()), Frame::Agent("a1".into()));
    let story = three()
        .push(2_000, B, typed)
        .push(2_002, B, Kind::Accepted { message: "m1".into() })
        .frame(2_003, (A, 1), (CLOUD, 1), &message)
        .push(2_023, CLOUD, stored)
        .frame(2_023, (CLOUD, 1), (A, 1), &Frame::Ack("m1".into()))
        .push(2_045, B, Kind::Delivered { message: "m1".into() })
        .push(4_000, CLOUD, said)
        .frame(4_000, (CLOUD, 1), (A, 1), &agent)
        .shown(4_020, A, "a1")
        .shown(4_022, C, "a1")
        .shown(4_023, B, "a1")
        .life(5_000, A, Life::Blurred)
        .life(5_000, A, Life::Hidden)
        .life(5_000, B, Life::Shown)
        .life(5_000, B, Life::Focused)
        .leads(5_004, B, 2)
        .socket(5_005, B, 1, 2)
        .follows(5_046, A)
        .frame(5_046, (A, 1), (CLOUD, 1), &Frame::Close(Some(1000)))
        .push(5_066, A, Kind::Ended { conn: 1, end: End::Own });
    insta::assert_snapshot!(story.drawn());
    let around = story.0.iter().position(|event| event.lane == C && event.at.as_secs() == 4);
    let excerpt = excerpt(&story.0, around.expect("it is there"), 1);
    assert_eq!(excerpt.lines().count(), 6, "a legend, a header and three rows:\n{excerpt}");
}

#[test]
fn every_state_of_a_tab_has_its_sign() {
    let lost = Kind::Request { conn: 2, endpoint: Endpoint::Messages, message: Some("m1".into()) };
    let refused = Kind::Wrote { epoch: 1, stored: 2, accepted: false };
    let accepted = Kind::Wrote { epoch: 2, stored: 2, accepted: true };
    let lacks = |what| Kind::Degraded { what, why: "no Web Locks".into() };
    let story = three()
        .life(1_000, A, Life::Frozen)
        .life(2_000, B, Life::Cached)
        .life(3_000, C, Life::Focused)
        .leads(3_100, C, 2)
        .push(3_200, C, lost)
        .life(4_000, A, Life::Resumed)
        .push(4_001, A, refused)
        .push(4_002, C, accepted)
        .follows(4_003, A)
        .push(5_000, Lane::Net, Kind::World { what: BrowserChange::WorkerKilled })
        .life(6_000, C, Life::Crashed)
        .life(7_000, B, Life::Restored)
        .push(7_001, B, lacks(Feature::Locks))
        .life(8_000, A, Life::Closed);
    insta::assert_snapshot!(story.drawn());
}

#[test]
fn two_tabs_that_ask_the_same_at_once_have_an_arrow_each() {
    let story = three().socket(1_000, C, 4, 8).frame(2_000, (A, 1), (CLOUD, 1), &Frame::Ping);
    let story = story.frame(2_020, (C, 4), (CLOUD, 8), &Frame::Ping);
    let pings: Vec<String> =
        story.drawn().lines().filter(|line| line.contains("ping")).map(str::to_owned).collect();
    assert_eq!(pings.len(), 2, "{pings:#?}");
    let column = |line: &String| line.find("- ping");
    assert!(column(&pings[0]) < column(&pings[1]), "A's begins further left: {pings:#?}");
}

#[test]
fn sixteen_tabs_with_ten_minutes_of_focus_stay_readable() {
    let tabs = || (0..16).map(Lane::Tab);
    let opened = tabs().fold(Story::default(), |story, tab| story.life(0, tab, Life::Opened));
    let mut story = opened.life(0, A, Life::Focused).leads(1, A, 1);
    let (mut focused, mut leader, mut said, mut draw) = (0_u8, 0_u8, 0, 7_u64);
    for turn in 1..200_u32 {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let next = (draw >> 60) as u8;
        if next == focused {
            continue;
        }
        let at = u64::from(turn) * 3_000 + (draw >> 40) % 1_000;
        let (old, new) = (Lane::Tab(focused), Lane::Tab(next));
        story = story.life(at, old, Life::Hidden).life(at, new, Life::Focused);
        if !draw.is_multiple_of(3) && leader != next {
            story = story.leads(at + 5, new, u64::from(turn)).socket(at + 6, new, turn, turn);
            story = story.follows(at + 50, Lane::Tab(leader));
            leader = next;
        }
        if turn.is_multiple_of(20) {
            said += 1;
            let message = format!("a{said}");
            story = story.push(
                at + 100,
                CLOUD,
                Kind::Said { message: message.as_str().into(), guest: Some(1) },
            );
            story = tabs().fold(story, |story, tab| story.shown(at + 121, tab, &message));
        }
        focused = next;
    }
    let drawn = story.drawn();
    let lines = drawn.lines().count();
    assert!(lines < 120, "{lines} lines:\n{drawn}");
    let shows = drawn.lines().filter(|line| line.contains("A-P show a")).count();
    assert_eq!(shows, said, "what is said is never folded away:\n{drawn}");
    let beginning: Vec<&str> = drawn.lines().take(24).collect();
    insta::assert_snapshot!(beginning.join("\n"));
}
