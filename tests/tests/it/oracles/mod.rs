//! Each oracle by example: a log in which it speaks up, and the nearest one in which it does not.
//!
//! The logs are written by hand, so that an oracle is held to the invariant and not to what some
//! client happens to do.

mod backoff;
mod coming_back;
mod dead_peer;
mod log;
mod messages;
mod retry_after;
mod tabs;
mod tabs_together;

use holdline_sim::oracle;
use holdline_sim::trace::reports::Wish;
use holdline_sim::trace::{End, Endpoint, Frame, Kind};
use log::Story;

#[test]
fn an_ordinary_run_violates_nothing() {
    Story::new()
        .request(0, 1, Endpoint::Guests)
        .answer(40, 1, Endpoint::Guests, 200)
        .open(40, 80, 2)
        .frame_out(80, 2, Frame::Ping)
        .frame_in(120, 2, Frame::Pong)
        .typed(1_000, "m1")
        .frame_out(1_000, 2, Frame::Message("m1".into()))
        .stored(1_020, 1, "m1")
        .frame_in(1_040, 2, Frame::Ack("m1".into()))
        .delivered(1_040, "m1")
        .cloud(2_000, Kind::Said { message: "a1".into(), guest: None })
        .frame_in(2_020, 2, Frame::Agent("a1".into()))
        .shown(2_020, "a1")
        .healed(10_000)
        .quiet(10_000)
        .asked(12_000, Wish::ShutDown)
        .frame_out(12_000, 2, Frame::Close(Some(1000)))
        .ended(12_000, 1, End::Own)
        .ended(12_040, 2, End::Fin)
        .client(12_040, Kind::ShutDown)
        .holds();
}

#[test]
fn an_empty_log_violates_nothing() {
    Story::new().holds();
}

#[test]
fn every_oracle_has_its_own_id_and_one_sentence() {
    let mut ids: Vec<&str> = oracle::all().iter().map(|oracle| oracle.id).collect();
    assert_eq!(
        ids,
        [
            "no-loss",
            "no-duplicate",
            "in-order",
            "retry-after",
            "backoff",
            "bounded",
            "dead-peer",
            "comes-back",
            "one-socket",
            "someone-listens",
            "every-tab-sees",
            "one-guest",
            "fenced"
        ]
    );
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), oracle::all().len());
    assert!(oracle::all().iter().all(|oracle| oracle.holds_when.len() > 20));
}

#[test]
fn violations_come_in_order_of_time_and_serialize_with_milliseconds() {
    let story = Story::new()
        .stored(1_000, 1, "m9")
        .stored(2_500, 1, "m9")
        .shown(3_000, "a1")
        .shown(4_000, "a1")
        .typed(4_500, "m1")
        .delivered(5_000, "m1");
    let found = story.judged();
    let moments: Vec<u128> = found.iter().map(|violation| violation.at.as_millis()).collect();
    assert_eq!(moments, [2_500, 4_000, 5_000]);
    let json = serde_json::to_value(&found[0]).expect("plain data");
    assert_eq!(json["oracle"], "no-duplicate");
    assert_eq!(json["at"], 2_500);
    assert_eq!(json["event"], 1);
}
