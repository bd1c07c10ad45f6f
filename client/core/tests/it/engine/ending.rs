//! The ways in which a client ends.

use std::time::Duration;

use holdline_core::session::Op;
use holdline_core::types::{Outcome, Reason};

use super::pair::Pair;

#[test]
fn a_shutdown_fails_what_is_pending_and_closes_the_socket() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.server.is_deaf = true;
    let id = pair.send("hello");
    pair.engine.shut_down();
    pair.drive_until(|pair| pair.finished);
    assert_eq!(pair.outcomes(), [(id, Outcome::Failed(Reason::ShutDown))]);
    assert!(matches!(pair.closed[..], [(_, Some(1000))]), "{:?}", pair.closed);
    assert!(pair.saved.pending.is_empty());
    assert_eq!(pair.engine.next_deadline(), None, "it wants nothing any more");
}

#[test]
fn whoever_leaves_settles_nothing() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.server.is_deaf = true;
    pair.send("hello");
    pair.drive_until(|pair| !pair.server.messages.is_empty());
    assert_eq!(pair.engine.leave(), None, "no request is under way");
    pair.drive_until(|pair| pair.finished);
    assert!(pair.outcomes().is_empty());
    assert_eq!(pair.saved.pending.len(), 1, "whoever comes next finds it");
}

#[test]
fn whoever_leaves_cancels_the_send_that_is_under_way() {
    let mut pair = Pair::new();
    pair.send("hello");
    pair.drive_until(|pair| pair.server.requests.contains(&"post"));
    assert!(matches!(pair.engine.leave(), Some(Op::Post(_))));
}

#[test]
fn a_hand_over_lets_the_message_under_way_end_and_begins_no_other() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    let ids = ["one", "two"].map(|text| pair.send(text));
    pair.drive_until(|pair| !pair.server.messages.is_empty());
    pair.engine.hand_over();
    pair.send("three");
    pair.drive_until(|pair| pair.left);
    assert_eq!(pair.outcomes(), [(ids[0], Outcome::Delivered)]);
    assert!(pair.finished, "it left after everything else");
    assert_eq!(pair.saved.pending.len(), 2, "two of them are for whoever comes next");
}

#[test]
fn a_hand_over_waits_300_ms_for_an_answer_and_no_longer() {
    let mut pair = Pair::new();
    pair.drive_until_open();
    pair.server.is_deaf = true;
    pair.send("one");
    pair.drive_until(|pair| !pair.server.messages.is_empty());
    let before = pair.now().mono;
    pair.engine.hand_over();
    pair.drive_until(|pair| pair.left);
    assert_eq!(pair.now().mono.since(before), Duration::from_millis(300));
    assert!(pair.outcomes().is_empty());
}
