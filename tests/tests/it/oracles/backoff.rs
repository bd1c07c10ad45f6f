//! backoff: envelope, hot loop, jitter, growth, and what counts as a failure at all.

use holdline_sim::trace::reports::{State, Wait, Wish};
use holdline_sim::trace::{End, Endpoint, Frame, Kind, Life};

use super::log::Story;
use super::tabs::three;

/// A handshake at each moment, refused with 500 at once.
fn refused_at(moments_ms: &[u64]) -> Story {
    moments_ms.iter().zip(1..).fold(Story::new(), |story, (at, conn)| {
        story.request(*at, conn, Endpoint::Socket).answer(*at, conn, Endpoint::Socket, 500)
    })
}

/// The same, with these delays between them.
fn refused_after(delays_ms: &[u64]) -> (Story, u64) {
    let mut moments = vec![0];
    for delay in delays_ms {
        moments.push(moments.last().expect("not empty") + delay);
    }
    (refused_at(&moments), *moments.last().expect("not empty"))
}

#[test]
fn the_window_doubles_up_to_the_cap() {
    for (n, window_ms) in [1_000, 2_000, 4_000, 8_000, 15_000, 15_000].into_iter().enumerate() {
        let mut delays = vec![900; n];
        delays.push(window_ms + 2_000);
        refused_after(&delays).0.holds();
        *delays.last_mut().expect("not empty") += 1;
        let (story, end) = refused_after(&delays);
        story.breaks("backoff", end, "outside the window");
    }
}

#[test]
fn a_connection_that_fails_is_a_failure() {
    let failed = |ms| Story::new().connecting(0, 1).connect_failed(500, 1).connecting(ms, 2);
    failed(3_501).breaks("backoff", 3_501, "failure number 1 of 0.5 s");
    failed(3_500).holds();
}

#[test]
fn a_request_left_without_an_answer_is_a_failure() {
    let hung = |ms| {
        Story::new().request(0, 1, Endpoint::Guests).ended(10_000, 1, End::Own).request(
            ms,
            2,
            Endpoint::Guests,
        )
    };
    hung(13_001).breaks("backoff", 13_001, "outside the window");
    hung(13_000).holds();
}

#[test]
fn the_end_of_a_socket_is_a_failure_and_so_is_its_close_frame() {
    let open = || Story::new().open(0, 100, 1).frame_in(200, 1, Frame::Pong);
    let ended = |ms| open().ended(5_000, 1, End::Rst).request(ms, 2, Endpoint::Socket);
    ended(8_001).breaks("backoff", 8_001, "of 5 s");
    ended(8_000).holds();
    let closed = |ms| {
        open().frame_in(5_000, 1, Frame::Close(Some(1001))).ended(6_000, 1, End::Fin).request(
            ms,
            2,
            Endpoint::Socket,
        )
    };
    closed(8_001).breaks("backoff", 8_001, "of 5 s");
    closed(8_000).holds();
}

#[test]
fn only_a_stable_socket_starts_the_count_again() {
    // Three refusals, then a socket of some length, then a try at the far end of a window.
    let story = |lived_ms: u64, heard_ms: Option<u64>, delay_ms: u64| {
        let mut story = refused_at(&[0, 900, 1_800]).open(2_700, 2_800, 9);
        if let Some(heard_ms) = heard_ms {
            story = story.frame_in(2_800 + heard_ms, 9, Frame::Pong);
        }
        let end = 2_800 + lived_ms;
        story.ended(end, 9, End::Rst).request(end + delay_ms, 10, Endpoint::Socket)
    };
    story(11_000, Some(11_000), 3_001).breaks("backoff", 16_801, "failure number 1");
    story(11_000, Some(11_000), 3_000).holds();
    story(9_000, Some(9_000), 10_000).holds();
    story(11_000, None, 10_000).holds();
    // The silence before its death is no part of a socket's life.
    story(25_000, Some(2_000), 10_000).holds();
}

#[test]
fn a_time_that_the_server_named_prolongs_the_delay() {
    let told = |retry_after, delay_ms| {
        Story::new()
            .request(0, 1, Endpoint::Socket)
            .answer_after(0, 1, Endpoint::Socket, 503, retry_after)
            .request(delay_ms, 2, Endpoint::Socket)
    };
    told(Some("20"), 23_000).holds();
    told(Some("20"), 23_001).breaks("backoff", 23_001, "window of 21 s");
    told(None, 3_001).breaks("backoff", 3_001, "window of 1 s");
}

#[test]
fn a_user_who_asks_excuses_the_delay() {
    let refused = || refused_at(&[0]);
    refused().asked(59_000, Wish::Reconnect).request(60_000, 9, Endpoint::Socket).holds();
    // Asked before the failure: that was another matter.
    Story::new()
        .open(0, 100, 1)
        .frame_in(200, 1, Frame::Pong)
        .asked(1_000, Wish::Reconnect)
        .ended(2_000, 1, End::Rst)
        .request(60_000, 9, Endpoint::Socket)
        .breaks("backoff", 60_000, "outside the window");
}

#[test]
fn a_401_answered_by_a_refresh_is_no_failure() {
    let rejected = |door, delay_ms: u64| {
        Story::new().request(0, 1, Endpoint::Socket).answer(100, 1, Endpoint::Socket, 401).request(
            100 + delay_ms,
            2,
            door,
        )
    };
    rejected(Endpoint::Refresh, 9_000).holds();
    rejected(Endpoint::Socket, 9_000).breaks("backoff", 9_100, "failure number 1");
}

#[test]
fn a_message_of_its_own_connection_is_no_business_of_the_flow() {
    // The socket is refused; a POST fails to connect and is tried again at its own pace.
    let story = refused_at(&[0]).typed(100, "m1").connecting(500, 20);
    let story = story.request(900, 2, Endpoint::Socket).connect_failed(10_500, 20);
    story.answer(10_600, 2, Endpoint::Socket, 500).request(12_000, 3, Endpoint::Socket).holds();
}

#[test]
fn a_refresh_beside_an_open_socket_is_no_try() {
    Story::new()
        .open(0, 100, 1)
        .frame_in(20_000, 1, Frame::Pong)
        .request(20_000, 2, Endpoint::Refresh)
        .answer(20_100, 2, Endpoint::Refresh, 500)
        .frame_in(35_000, 1, Frame::Pong)
        .ask_again(35_100, 2, Endpoint::Refresh)
        .answer(35_200, 2, Endpoint::Refresh, 200)
        .holds();
}

#[test]
fn a_hot_loop_at_one_door() {
    let eleven = |last| [1_000, 1_000, 1_000, 1_000, 500, 2_000, 500, 2_000, 500, last];
    refused_after(&eleven(500)).0.breaks("backoff", 10_000, "hot loop: 11 tries to open socket");
    refused_after(&eleven(501)).0.holds();
    // Two doors of one try each are not one door twice as hot.
    let pairs = (0..6_u64).fold(Story::new(), |story, n| {
        let (at, conn) = (n * 1_500, n as u32 * 2 + 1);
        story
            .request(at, conn, Endpoint::Guests)
            .answer(at, conn, Endpoint::Guests, 200)
            .request(at, conn + 1, Endpoint::Socket)
            .answer(at, conn + 1, Endpoint::Socket, 410)
    });
    pairs.holds();
}

#[test]
fn a_hot_loop_of_401_and_refresh_is_one_although_neither_is_a_failure() {
    let story = (0..11_u64).fold(Story::new(), |story, n| {
        let (at, conn) = (n * 100, n as u32 * 2 + 1);
        story
            .request(at, conn, Endpoint::Socket)
            .answer(at, conn, Endpoint::Socket, 401)
            .request(at + 50, conn + 1, Endpoint::Refresh)
            .answer(at + 50, conn + 1, Endpoint::Refresh, 200)
    });
    let hot: Vec<_> = story.judged();
    assert!(hot.iter().all(|violation| violation.text.contains("hot loop")), "{hot:#?}");
    assert_eq!(hot[0].at.as_millis(), 1_000);
}

#[test]
fn a_user_who_hammers_is_not_a_hot_loop() {
    let story = (0..20_u32).fold(Story::new(), |story, n| {
        let at = u64::from(n) * 200;
        story.asked(at, Wish::Reconnect).request(at, n + 1, Endpoint::Socket).answer(
            at,
            n + 1,
            Endpoint::Socket,
            500,
        )
    });
    story.holds();
}

/// Delays that bring the window to the cap: the fifth failure's is the first drawn there.
const TO_THE_CAP: [u64; 4] = [900, 1_800, 3_000, 7_000];

#[test]
fn delays_at_the_cap_without_jitter() {
    let with = |tail: [u64; 6]| refused_after(&[TO_THE_CAP.as_slice(), &tail].concat());
    let (story, end) = with([15_000, 14_960, 15_000, 14_990, 14_951, 15_000]);
    story.breaks("backoff", end, "no jitter");
    with([15_000, 14_960, 15_000, 14_990, 14_949, 15_000]).0.holds();
    // The last delay before the cap does not count.
    refused_after(&[900, 1_800, 3_000, 8_000, 8_000, 8_000, 8_000, 8_000, 8_000]).0.holds();
}

#[test]
fn delays_that_never_grow() {
    let with = |tail: [u64; 6]| refused_after(&[TO_THE_CAP.as_slice(), &tail].concat());
    let (story, end) = with([1_200, 1_100, 1_800, 1_300, 1_874, 1_150]);
    story.breaks("backoff", end, "no growth");
    with([1_200, 1_100, 1_950, 1_300, 1_874, 1_150]).0.holds();
}

#[test]
fn times_that_the_server_named_are_no_run_of_delays() {
    let story = (0..12_u32).fold(Story::new(), |story, n| {
        let at = u64::from(n) * 20_000;
        story.request(at, n + 1, Endpoint::Socket).answer_after(
            at,
            n + 1,
            Endpoint::Socket,
            503,
            Some("20"),
        )
    });
    story.holds();
}

/// After a crash the failures before it may count, and need not.
#[test]
fn a_new_process_may_go_on_with_the_failures_of_the_old_one() {
    let refused = |story: Story, at_ms: u64, conn: u32| {
        story.request(at_ms, conn, Endpoint::Socket).answer(at_ms + 10, conn, Endpoint::Socket, 503)
    };
    let again = |crash: bool, next_ms: u64| {
        let mut story = Story::new();
        for conn in 1..=4 {
            story = refused(story, u64::from(conn) * 800, conn);
        }
        if crash {
            story = story.host(4_000, false).host(5_000, true);
        } else {
            story = Story::new();
        }
        refused(story, 6_000, 9).request(next_ms, 10, Endpoint::Socket)
    };
    again(true, 6_500).holds();
    again(true, 18_000).holds();
    again(false, 18_000).breaks("backoff", 18_000, "window");
}

#[test]
fn a_shutdown_and_a_crash_are_no_failures() {
    let open = || Story::new().open(0, 100, 1).frame_in(200, 1, Frame::Pong);
    open()
        .asked(1_000, Wish::ShutDown)
        .frame_out(1_000, 1, Frame::Close(Some(1000)))
        .ended(1_000, 1, End::Own)
        .client(1_000, Kind::ShutDown)
        .until(60_000)
        .holds();
    open()
        .host(1_000, false)
        .ended(1_000, 1, End::OwnRst)
        .host(60_000, true)
        .request(60_000, 2, Endpoint::Socket)
        .holds();
}

/// Whether so many connections that never stood are called a hot loop, with a message pending or not.
fn is_hot(tries: u32, every_ms: u64, pending: bool) -> bool {
    let story = if pending { Story::new().typed(0, "m1") } else { Story::new() };
    let story = (1..=tries).fold(story, |story, conn| {
        let at = u64::from(conn) * every_ms;
        story.connecting(at, conn).connect_failed(at + 2, conn)
    });
    story.judged().iter().any(|violation| violation.text.contains("hot loop"))
}

#[test]
fn half_of_the_tries_that_came_to_nothing_may_be_a_pending_message_s_own() {
    assert!(is_hot(11, 900, false));
    assert!(!is_hot(12, 900, true));
    assert!(!is_hot(20, 400, true));
    assert!(is_hot(21, 400, true));
}

#[test]
fn a_message_that_hears_that_its_guest_is_gone_begins_a_new_wait() {
    let waits = |status| {
        refused_at(&[0])
            .typed(10, "m1")
            .request(900, 2, Endpoint::Messages)
            .answer(900, 2, Endpoint::Messages, status)
            .request(4_500, 3, Endpoint::Guests)
    };
    waits(410).holds();
    waits(500).breaks("backoff", 4_500, "outside the window");
}

#[test]
fn the_patience_of_the_leader_before_counts_for_the_next_one() {
    let tries = |story: Story| {
        story
            .life(18_000, "B", Life::Focused)
            .leads(20_000, 'B', 2)
            .tab(20_001, 'B', Kind::Connecting { conn: 1 })
            .tab(20_010, 'B', Kind::Connected { conn: 1 })
            .tab(20_010, 'B', asks(1))
            .tab(20_020, 'B', Kind::Ended { conn: 1, end: End::Rst })
            .tab(26_000, 'B', Kind::Connecting { conn: 2 })
            .tab(26_010, 'B', asks(2))
    };
    let waits = Kind::State { state: State::Waiting(Some(Wait::Timeout)) };
    tries(three()).accuses("backoff", 26_000, "failure number 1");
    let lost = three().tab(5_000, 'A', waits.clone()).tab(9_000, 'A', waits.clone());
    tries(lost.tab(15_000, 'A', waits.clone())).spares("backoff");
    // What those say who do not lead is what they have heard.
    let heard = three().tab(5_000, 'C', waits.clone()).tab(9_000, 'C', waits.clone());
    tries(heard.tab(15_000, 'C', waits)).accuses("backoff", 26_000, "failure number 1");
}

fn asks(conn: u32) -> Kind {
    Kind::Request { conn, endpoint: Endpoint::Socket, message: None }
}
