//! no-loss, no-duplicate, in-order and bounded.

use holdline_sim::trace::event::Route;
use holdline_sim::trace::reports::Failure;
use holdline_sim::trace::{Endpoint, Kind};

use super::log::{Story, clock_put};

fn refused() -> Failure {
    Failure::Refused { status: 400, code: String::new() }
}

fn full() -> Failure {
    Failure::BufferFull { messages: 2, bytes: 20 }
}

#[test]
fn a_message_without_an_outcome_is_lost() {
    Story::new().typed(1_000, "m1").healed(2_000).quiet(2_000).until(3_000).breaks(
        "no-loss",
        3_000,
        "neither stored nor reported",
    );
}

#[test]
fn a_stored_message_without_an_outcome_is_as_good_as_lost() {
    Story::new().typed(1_000, "m1").stored(1_100, 1, "m1").healed(2_000).quiet(2_000).breaks(
        "no-loss",
        2_000,
        "never reported",
    );
}

#[test]
fn a_log_that_was_cut_short_loses_nothing() {
    Story::new().typed(1_000, "m1").until(3_000).holds();
}

#[test]
fn delivered_but_never_stored_is_a_lie() {
    Story::new().typed(1_000, "m1").delivered(1_100, "m1").breaks("no-loss", 1_100, "never stored");
}

#[test]
fn delivered_before_it_is_stored_is_a_lie() {
    Story::new().typed(1_000, "m1").delivered(1_100, "m1").stored(1_101, 1, "m1").breaks(
        "no-loss",
        1_100,
        "only at 1.101 s",
    );
}

#[test]
fn stored_and_delivered_may_share_an_instant() {
    Story::new().typed(1_000, "m1").delivered(1_100, "m1").stored(1_100, 1, "m1").holds();
}

#[test]
fn a_failure_needs_a_reason() {
    Story::new().typed(0, "m1").failed(10, "m1", Failure::Other(" ".into())).breaks(
        "no-loss",
        10,
        "without a reason",
    );
    Story::new().typed(0, "m1").failed(10, "m1", refused()).healed(20).quiet(20).holds();
}

#[test]
fn stored_twice_is_a_duplicate_even_for_another_guest() {
    Story::new().typed(0, "m1").stored(100, 1, "m1").stored(900, 2, "m1").breaks(
        "no-duplicate",
        900,
        "stored for guest 2",
    );
}

#[test]
fn a_copy_that_the_cloud_recognised_is_no_duplicate() {
    let copy = Kind::Duplicate { message: "m1".into(), route: Route::Rest };
    Story::new().typed(0, "m1").stored(100, 1, "m1").cloud(900, copy).holds();
}

#[test]
fn shown_twice_is_a_duplicate() {
    Story::new()
        .said(0, "a1")
        .shown(100, "a1")
        .host(200, false)
        .host(300, true)
        .shown(400, "a1")
        .breaks("no-duplicate", 400, "a1 was shown");
    Story::new().said(0, "a1").said(1, "a2").shown(100, "a1").shown(400, "a2").holds();
}

#[test]
fn an_outcome_is_reported_once() {
    let stored = || Story::new().typed(0, "m1").stored(100, 1, "m1").delivered(200, "m1");
    stored().delivered(300, "m1").breaks("no-duplicate", 300, "delivered");
    stored().failed(300, "m1", Failure::ShutDown).breaks("no-duplicate", 300, "failed (shut down)");
    stored().holds();
}

#[test]
fn stored_in_another_order_than_typed() {
    let typed = || Story::new().typed(0, "m2").typed(1, "m10");
    typed().stored(100, 1, "m10").stored(200, 1, "m2").breaks("in-order", 200, "after m10");
    typed().stored(100, 1, "m2").stored(200, 1, "m10").holds();
    // Two guests have two conversations.
    typed().stored(100, 1, "m10").stored(200, 2, "m2").holds();
}

#[test]
fn shown_in_another_order_than_said() {
    let said = || Story::new().said(0, "a1").said(1, "a2");
    said().shown(100, "a2").shown(200, "a1").breaks("in-order", 200, "a1 was shown after a2");
    said().shown(100, "a1").shown(200, "a2").holds();
}

#[test]
fn a_message_given_up_may_land_late_unless_it_was_sent_again() {
    let given_up = || {
        Story::new()
            .typed(0, "m1")
            .typed(0, "m2")
            .failed(1_000, "m1", refused())
            .stored(1_100, 1, "m2")
    };
    given_up().stored(1_200, 1, "m1").holds();
    let (conn, endpoint, message) = (1, Endpoint::Messages, Some("m1".into()));
    given_up()
        .client(1_150, Kind::Request { conn, endpoint, message })
        .stored(1_200, 1, "m1")
        .breaks("in-order", 1_200, "m1 was stored after m2");
}

#[test]
fn more_messages_pending_than_the_outbox_holds() {
    let two =
        || Story::new().bounded(|bounds| bounds.outbox_count = 2).typed(0, "m1").typed(5, "m2");
    two().typed(10, "m3").until(20).breaks("bounded", 10, "3 messages");
    // Refused at the same moment.
    two().typed(10, "m3").failed(10, "m3", full()).until(20).holds();
    // Refused too late.
    two().typed(10, "m3").failed(11, "m3", full()).breaks("bounded", 10, "at most 2");
}

#[test]
fn more_bytes_pending_than_the_outbox_holds() {
    let small = |limit| Story::new().bounded(move |b| b.outbox_bytes = limit).typed(0, "m1");
    small(19).typed(10, "m2").breaks("bounded", 10, "20 bytes");
    small(20).typed(10, "m2").holds();
}

#[test]
fn a_message_that_outlives_its_time_is_shown_at_that_moment() {
    Story::new().typed(0, "m1").until(400_000).breaks("bounded", 301_000, "still pending");
    Story::new().typed(0, "m1").failed(301_001, "m1", Failure::Expired).breaks(
        "bounded",
        301_000,
        "unreported",
    );
    Story::new().typed(0, "m1").failed(301_000, "m1", Failure::Expired).until(400_000).holds();
}

#[test]
fn expiry_is_announced_once_the_host_is_up_again() {
    let down = || Story::new().typed(0, "m1").host(10_000, false).host(350_000, true);
    down().failed(351_000, "m1", Failure::Expired).until(400_000).holds();
    down().until(400_000).breaks("bounded", 351_000, "m1");
    Story::new().typed(0, "m1").host(10_000, false).until(400_000).holds();
}

#[test]
fn expired_before_its_time() {
    Story::new().typed(0, "m1").failed(298_999, "m1", Failure::Expired).breaks(
        "bounded",
        298_999,
        "called expired",
    );
    Story::new().typed(0, "m1").failed(299_000, "m1", Failure::Expired).holds();
    Story::new().typed(0, "m1").failed(1_000, "m1", refused()).holds();
}

#[test]
fn a_clock_that_was_put_forward_may_end_a_life_early() {
    let put = |at_ms| Story::new().typed(0, "m1").net(at_ms, clock_put());
    put(1_000).failed(2_000, "m1", Failure::Expired).holds();
    put(3_000).until(400_000).breaks("bounded", 301_000, "still pending");
}
