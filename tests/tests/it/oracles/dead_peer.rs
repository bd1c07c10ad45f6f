//! dead-peer: silence that goes on too long, and healthy links that are killed.

use holdline_sim::trace::reports::Wish;
use holdline_sim::trace::{End, Endpoint, Frame, Kind};

use super::log::Story;

fn open() -> Story {
    Story::new().open(0, 100, 1)
}

#[test]
fn a_silent_socket_that_stays_open() {
    open().until(26_101).breaks("dead-peer", 26_100, "nothing had come in since 0.1 s");
    open().until(26_100).holds();
}

#[test]
fn silence_is_measured_from_the_last_frame_that_came_in() {
    let heard = || open().frame_in(20_000, 1, Frame::Pong).frame_out(40_000, 1, Frame::Ping);
    heard().ended(46_001, 1, End::Own).breaks("dead-peer", 46_000, "connection 1");
    heard().ended(46_000, 1, End::Own).holds();
    heard().frame_in(46_001, 1, Frame::Pong).breaks("dead-peer", 46_000, "since 20 s");
    heard().frame_in(46_000, 1, Frame::Pong).until(50_000).holds();
}

#[test]
fn a_part_of_a_frame_is_a_sign_of_life() {
    let part = |at_ms| open().client(at_ms, Kind::Partial { conn: 1 });
    part(20_000).until(46_000).holds();
    part(20_000).until(46_001).breaks("dead-peer", 46_000, "since 20 s");
    part(26_101).breaks("dead-peer", 26_100, "since 0.1 s");
}

#[test]
fn a_link_that_is_killed_in_the_middle_of_a_frame() {
    let killed = |at_ms| {
        let part = open().client(1_000, Kind::Partial { conn: 1 });
        part.ended(at_ms, 1, End::Own).until(at_ms + 1_000)
    };
    killed(21_000).breaks("dead-peer", 21_000, "healthy link was killed");
    killed(21_001).holds();
}

#[test]
fn a_healthy_link_that_is_killed() {
    let killed = |at_ms, end| {
        open().frame_in(1_000, 1, Frame::Pong).ended(at_ms, 1, end).until(at_ms + 1_000)
    };
    killed(21_000, End::Own).breaks("dead-peer", 21_000, "healthy link was killed");
    killed(2_000, End::OwnRst).breaks("dead-peer", 2_000, "1 s after");
    killed(21_001, End::Own).holds();
    // With the log ends the world, and its sockets with it.
    open().frame_in(1_000, 1, Frame::Pong).ended(2_000, 1, End::Own).holds();
}

#[test]
fn other_ends_are_not_the_monitors() {
    let heard = || open().frame_in(1_000, 1, Frame::Pong);
    for end in [End::Fin, End::Rst, End::TimedOut] {
        heard().ended(2_000, 1, end).until(3_000).holds();
    }
    heard()
        .frame_in(2_000, 1, Frame::Close(Some(1001)))
        .ended(2_000, 1, End::Own)
        .until(3_000)
        .holds();
    heard()
        .frame_out(2_000, 1, Frame::Close(Some(1000)))
        .ended(2_010, 1, End::Own)
        .until(3_000)
        .holds();
    heard().asked(2_000, Wish::ShutDown).ended(2_000, 1, End::Own).until(3_000).holds();
    heard().host(2_000, false).ended(2_000, 1, End::OwnRst).until(3_000).holds();
    heard().ended(2_000, 1, End::OwnRst).host(2_000, false).until(3_000).holds();
    open().ended(2_000, 1, End::Own).until(3_000).holds();
    heard()
        .request(1_900, 2, Endpoint::Messages)
        .answer(2_000, 2, Endpoint::Messages, 410)
        .ended(2_000, 1, End::Own)
        .until(3_000)
        .holds();
}

#[test]
fn a_connection_that_is_no_socket_may_be_silent() {
    Story::new()
        .request(0, 1, Endpoint::Messages)
        .answer(100, 1, Endpoint::Messages, 200)
        .until(90_000)
        .ended(90_000, 1, End::Own)
        .holds();
}
