//! retry-after: both forms, the default, the cap, both wings of the message door.

use std::time::Duration;

use holdline_sim::trace::reports::Wish;
use holdline_sim::trace::{Endpoint, Frame, Kind};

use super::log::{Story, clock_put};

/// A POST that is refused at 10 s, and the next one some milliseconds later.
fn refused_then(status: u16, retry_after: Option<&str>, wait_ms: u64) -> Story {
    Story::new()
        .request(9_900, 1, Endpoint::Messages)
        .answer_after(10_000, 1, Endpoint::Messages, status, retry_after)
        .ask_again(10_000 + wait_ms, 1, Endpoint::Messages)
}

#[test]
fn seconds_are_waited_out() {
    refused_then(429, Some("7"), 6_999).breaks("retry-after", 16_999, "429 after \"7\"");
    refused_then(429, Some("7"), 7_000).holds();
    refused_then(503, Some("7"), 6_999).breaks("retry-after", 16_999, "503");
    refused_then(503, Some("7"), 7_000).holds();
}

#[test]
fn only_a_429_has_a_default() {
    refused_then(429, None, 4_999).breaks("retry-after", 14_999, "without Retry-After");
    refused_then(429, None, 5_000).holds();
    refused_then(429, Some("soon"), 4_999).breaks("retry-after", 14_999, "soon");
    refused_then(429, Some("-1"), 5_000).holds();
    refused_then(503, None, 1).holds();
}

#[test]
fn an_absurd_time_is_capped() {
    refused_then(429, Some("86400"), 119_999).breaks("retry-after", 129_999, "86400");
    refused_then(429, Some("86400"), 120_000).holds();
    refused_then(429, Some("99999999999999999999999"), 120_000).holds();
}

#[test]
fn a_date_is_waited_out_but_for_its_cut_second() {
    // Virtual 10 s is 22:13:30; the date is 20 s later.
    let date = Some("Tue, 14 Nov 2023 22:13:50 GMT");
    let wall = Duration::from_secs(1_700_000_000);
    let after = |wait_ms| refused_then(503, date, wait_ms).bounded(|b| b.wall_at_start = wall);
    after(18_999).breaks("retry-after", 28_999, "14 Nov 2023");
    after(19_000).holds();
}

#[test]
fn what_comes_as_the_token_is_refused_may_go_unread() {
    let refused = |ms, endpoint| {
        Story::new()
            .request(9_900, 1, Endpoint::History)
            .request(9_900, 2, endpoint)
            .answer_after(ms, 1, Endpoint::History, 401, None)
            .answer_after(10_000, 2, endpoint, 503, Some("7"))
            .ask_again(12_000, 2, endpoint)
    };
    refused(10_000, Endpoint::Messages).spares("retry-after");
    refused(9_999, Endpoint::Messages).accuses("retry-after", 12_000, "503");
    // Only messages are let go.
    refused(10_000, Endpoint::Guests).accuses("retry-after", 12_000, "503");
}

#[test]
fn a_clock_that_was_put_forward_shortens_what_the_next_process_reads() {
    let told = |story: Story| {
        let told = story.answer_after(10_000, 1, Endpoint::Guests, 503, Some("60"));
        told.host(11_000, false).host(12_000, true).ask_again(50_000, 1, Endpoint::Guests)
    };
    // Before or after the server spoke: the process that was told did not look at the clock again.
    told(Story::new().net(9_000, clock_put())).spares("retry-after");
    told(Story::new()).accuses("retry-after", 50_000, "503");
    // A process that began with that clock has written the right time down.
    let began = Story::new().net(7_000, clock_put()).host(8_000, false).host(9_000, true);
    told(began).accuses("retry-after", 50_000, "503");
}

#[test]
fn the_user_excuses_nothing() {
    Story::new()
        .request(0, 1, Endpoint::Guests)
        .answer_after(100, 1, Endpoint::Guests, 429, Some("60"))
        .asked(1_000, Wish::Reconnect)
        .ask_again(1_001, 1, Endpoint::Guests)
        .breaks("retry-after", 1_001, "create guest");
}

#[test]
fn another_door_is_another_matter() {
    Story::new()
        .request(0, 1, Endpoint::Messages)
        .answer_after(100, 1, Endpoint::Messages, 429, Some("60"))
        .ask_again(200, 1, Endpoint::History)
        .holds();
}

#[test]
fn the_message_door_has_two_wings() {
    let message = || Frame::Message("m2".into());
    let error = |retry_after: Option<&str>| Frame::Error {
        status: 429,
        code: "rate.limited".into(),
        message: Some("m1".into()),
        retry_after: retry_after.map(Into::into),
    };
    let open = || Story::new().open(0, 100, 1).frame_in(200, 1, Frame::Pong);
    open().frame_in(1_000, 1, error(Some("3"))).frame_out(3_999, 1, message()).breaks(
        "retry-after",
        3_999,
        "m2 on the socket",
    );
    open().frame_in(1_000, 1, error(Some("3"))).frame_out(4_000, 1, message()).holds();
    open().frame_in(1_000, 1, error(None)).frame_out(1_100, 1, message()).holds();
    open().frame_in(1_000, 1, error(Some("3"))).request(3_999, 2, Endpoint::Messages).breaks(
        "retry-after",
        3_999,
        "POST",
    );
    open()
        .request(500, 2, Endpoint::Messages)
        .answer_after(600, 2, Endpoint::Messages, 429, Some("3"))
        .frame_out(3_599, 1, message())
        .breaks("retry-after", 3_599, "m2");
}

#[test]
fn a_shorter_time_does_not_shorten_a_longer_one() {
    let both = |at_ms| {
        Story::new()
            .request(0, 1, Endpoint::Messages)
            .request(0, 2, Endpoint::Messages)
            .answer_after(100, 1, Endpoint::Messages, 429, Some("20"))
            .answer_after(200, 2, Endpoint::Messages, 429, Some("1"))
            .ask_again(at_ms, 1, Endpoint::Messages)
    };
    both(20_099).breaks("retry-after", 20_099, "20");
    both(20_100).holds();
}

#[test]
fn only_what_arrived_at_the_client_counts() {
    let answer = Kind::Answer {
        conn: 1,
        endpoint: Endpoint::Messages,
        status: 429,
        retry_after: Some("60".into()),
        message: None,
    };
    let lost = || Story::new().cloud(100, answer.clone());
    lost().request(200, 1, Endpoint::Messages).holds();
}

#[test]
fn a_new_process_keeps_what_the_old_one_was_told() {
    let crashed = |at_ms| {
        Story::new()
            .request(0, 1, Endpoint::Messages)
            .answer_after(100, 1, Endpoint::Messages, 429, Some("60"))
            .host(200, false)
            .host(300, true)
            .request(at_ms, 2, Endpoint::Messages)
    };
    crashed(400).breaks("retry-after", 400, "60");
    crashed(60_100).holds();
}

#[test]
fn what_is_read_behind_the_own_close_frame_is_not_heard() {
    let refusal = || Frame::Error {
        status: 429,
        code: "rate.limited".into(),
        message: Some("m1".into()),
        retry_after: Some("10".into()),
    };
    let heard = || Story::new().frame_in(10_000, 1, refusal());
    let early = |story: Story| story.request(12_000, 2, Endpoint::Messages);
    early(heard()).breaks("retry-after", 12_000, "429 after \"10\"");
    let hung_up = Story::new().frame_out(9_000, 1, Frame::Close(Some(1000)));
    early(hung_up.frame_in(10_000, 1, refusal())).holds();
}
