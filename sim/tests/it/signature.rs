//! A failure in three words.

use std::time::Duration;

use holdline_sim::explore::Signature;
use holdline_sim::oracle::Violation;
use holdline_sim::plan::Plan;
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::{Event, Kind, Lane};
use holdline_sim::world::run::{BackendKind, Run, run};

fn played(text: &str) -> Run {
    let text = format!("title = \"A\"\nstory = \"B\"\n{text}");
    run(&Plan::parse("plan", &text).unwrap(), &Holdline, BackendKind::Event).unwrap()
}

#[test]
fn it_names_oracle_lane_and_kind_of_the_first_violation() {
    let late = "[settings]\nlasts = \"60s\"\nquiet-within = \"50ms\"\n\
                [[fault]]\nat = \"3s\"\nkind = \"partition\"\n";
    let signature = Signature::of(&played(late)).unwrap();
    assert_eq!(signature.oracle, "comes-back");
    assert_eq!(signature.to_string().parse(), Ok(signature));
    assert_eq!(Signature::of(&played("")), None);
}

#[test]
fn which_tab_it_was_is_chance() {
    let of = |lane| {
        let kind = Kind::Connected { conn: 1 };
        let event = Event { at: Duration::ZERO, lane, kind };
        let violation = Violation::new("one-socket", Duration::ZERO, 0, "two".into());
        Signature::of_violation(&violation, &[event]).to_string()
    };
    assert_eq!(of(Lane::Tab(3)), "one-socket/tab/connected");
    assert_eq!(of(Lane::Tab(3)), of(Lane::Tab(11)));
    assert_eq!(of(Lane::Cloud), "one-socket/cloud/connected");
}

#[test]
fn an_expectation_is_known_by_its_key() {
    let of = |expect: &str| Signature::of(&played(&format!("[expect]\n{expect}\n"))).unwrap();
    assert_eq!(of("sockets = 9").to_string(), "expect/plan/sockets");
    assert_eq!(of("notice = \"nothing\"").to_string(), "expect/plan/notice");
}

#[test]
fn a_crash_is_known_by_its_place_and_a_hang_by_its_clock() {
    let crash = Signature::crash("panicked at client/core/src/session.rs:120:9: no such thing");
    assert_eq!(crash.to_string(), "crash/run/session.rs:120");
    assert_eq!(Signature::crash("a panic without a word").kind, "somewhere");
    assert_eq!(Signature::hang("wall").to_string(), "hang/run/wall");
    assert_eq!("crash/run/session.rs:120".parse(), Ok(crash));
}

#[test]
fn what_is_no_signature_says_so() {
    for text in ["", "no-loss", "no-loss/client", "no-loss//x", "a/b/c/d"] {
        let error = text.parse::<Signature>().unwrap_err().to_string();
        assert!(error.contains(&format!("`{text}`")) && error.contains("three parts"), "{error}");
    }
}
