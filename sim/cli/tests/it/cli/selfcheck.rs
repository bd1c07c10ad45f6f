//! `holdline selfcheck`: two processes agree, and a canary that leaks entropy is caught.

use super::harness::{done, holdline};

#[test]
fn two_processes_agree_on_every_event() {
    let done = done(&mut holdline(&["selfcheck", "--plans", "12"]));
    done.assert_code(0);
    assert!(done.out.starts_with("12 plans, "), "{}", done.out);
    assert!(done.out.contains("two processes agree on every one"), "{}", done.out);
}

#[test]
fn a_canary_that_leaks_entropy_is_caught_with_plan_event_and_both_lines() {
    let done = done(&mut holdline(&["selfcheck", "--plans", "3", "--leak-entropy"]));
    done.assert_code(1);
    done.assert_says(&[
        "two processes differ in seed 2 with --tabs 0, at event 3:",
        "first:  {\"at\":",
        "second: {\"at\":",
        "process ",
    ]);
    let of = |which: &str| {
        let line = done.err.lines().find(|line| line.trim_start().starts_with(which));
        line.unwrap().trim_start().trim_start_matches(which).trim().to_owned()
    };
    assert_ne!(of("first:"), of("second:"));
}

#[test]
fn no_plans_are_no_check() {
    let done = done(&mut holdline(&["selfcheck", "--plans", "0"]));
    done.assert_code(2);
    done.assert_says(&["--plans"]);
}
