//! What tabs say to each other, as text.

use std::time::Duration;

use holdline_client::core::coordinator::message::{LONGEST_BYTES, Message, Say, Saying, parse};
use holdline_client::{Instant, Now, State, TerminalReason, Wall, Why};

#[test]
fn a_state_is_the_same_by_the_clocks_of_the_tab_that_hears_of_it() {
    let here = |mono: u64| {
        let wall = Wall::new(Duration::from_secs(1_000));
        Now { mono: Instant::new(Duration::from_secs(mono)), wall }
    };
    for state in
        [State::Connecting, State::Open, State::Terminal(TerminalReason::Forbidden), State::Closed]
    {
        assert_eq!(Saying::of(here(5), &state).here(here(70)), state);
    }
    let waits = |until: u64| {
        let until = Instant::new(Duration::from_secs(until));
        State::Waiting { until, why: Why::Closed(1012) }
    };
    assert_eq!(Saying::of(here(5), &waits(8)).here(here(70)), waits(73));
}

#[test]
fn a_text_is_read_up_to_a_bound_and_what_is_wrong_with_another_is_told() {
    let text = r#"{"holdline":1,"scope":"chat","tab":"B","epoch":3,"say":"bye"}"#;
    let (scope, tab) = ("chat".to_owned(), "B".to_owned());
    let message = Message { holdline: 1, scope, tab, epoch: 3, say: Say::Bye };
    // Space behind it says nothing, and counts.
    assert_eq!(LONGEST_BYTES, 262_144);
    let padded = |bytes: usize| text.to_owned() + &" ".repeat(bytes - text.len());
    assert_eq!(parse(text, "chat"), Ok(message.clone()));
    assert_eq!(parse(&padded(LONGEST_BYTES), "chat"), Ok(message));
    let longer = format!("{} bytes, at most {LONGEST_BYTES} are read", LONGEST_BYTES + 1);
    assert_eq!(parse(&padded(LONGEST_BYTES + 1), "chat"), Err(longer));
    let odd = |text: &str| parse(text, "chat").expect_err("it is not ours");
    assert_eq!(odd("hello"), "not JSON: another script's");
    assert_eq!(odd(r#"{"type":"FOCUS_LOST"}"#), "without a version: another script's");
    let version = "version 2, this tab speaks 1: reload it";
    assert_eq!(odd(r#"{"holdline":2,"words":[]}"#), version);
    assert_eq!(odd(&text.replace("\"holdline\":1", "\"holdline\":2")), version);
    assert!(odd(r#"{"holdline":1,"words":[]}"#).starts_with("malformed: "));
    assert_eq!(parse(text, "shop"), Err("of another application".into()));
}
