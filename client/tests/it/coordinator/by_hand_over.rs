//! How a leader stops for the tab that the user looks at, and goes on when that does not come.

use std::time::Duration;

use holdline_client::core::coordinator::message::Say;
use holdline_client::core::coordinator::{Effect, FromClient, Input, Life};
use holdline_client::tabs::Ask;
use holdline_client::{Call, Entry, Event, Instant, Notice, State, TerminalReason, Wall};

use super::one_tab::{
    Tab, follower, guest_at, hears, leads, message, no_room, op_of, posted, read_from, rests_for,
    run_of, says,
};

/// It has led for longer than it must, from what the store holds; and its client's run.
fn has_led(records: Vec<(String, String)>) -> (Tab, u64) {
    let (mut tab, effects) = leads(records);
    tab.now += Duration::from_secs(1);
    (tab, run_of(&effects))
}

/// Whether it stops for B.
fn stops(tab: &mut Tab) -> bool {
    says(tab, 2, Say::Want).contains(&Effect::LeaveClient)
}

/// It has stopped its client for B, which has not said its last word.
fn stopping() -> (Tab, u64) {
    let (mut tab, run) = has_led(guest_at(0));
    assert!(stops(&mut tab));
    (tab, run)
}

/// It has stopped for B, and said so.
fn stopped() -> Tab {
    let (mut tab, run) = stopping();
    let effects = tab.give(Input::Client(run, FromClient::Left));
    assert_eq!(posted(&effects), [Say::Yield { to: "B".into() }]);
    assert!(effects.contains(&Effect::StopClient), "{effects:?}");
    tab
}

/// It begins to lead anew with what the store holds.
fn goes_on(effects: &[Effect]) -> bool {
    read_from(effects) == [""]
}

fn wait() -> FromClient {
    let until_wall = Wall::new(Duration::from_secs(60));
    FromClient::Remember(Entry::NotBefore { call: Call::Socket, until_wall })
}

#[test]
fn a_leader_stops_once_for_whoever_wants_when_it_has_led_for_a_second() {
    let (mut tab, _) = leads(guest_at(0));
    tab.now += Duration::from_millis(998);
    assert!(!stops(&mut tab), "a millisecond is left");
    assert!(stops(&mut tab));
    assert!(!stops(&mut tab), "it has stopped");
}

#[test]
fn a_leader_that_the_user_looks_at_stops_for_nobody() {
    let (mut tab, _) = has_led(guest_at(0));
    tab.give(Input::Life(Life::Focused));
    assert!(!stops(&mut tab));
    tab.give(Input::Life(Life::Blurred));
    for epoch in [1, 3] {
        assert!(!says(&mut tab, epoch, Say::Want).contains(&Effect::LeaveClient), "{epoch}");
    }
    assert!(stops(&mut tab));
}

#[test]
fn a_leader_stops_only_when_the_next_would_lose_nothing() {
    let (mut tab, run) = has_led(Vec::new());
    assert!(!stops(&mut tab), "the server is making a guest");
    let guest = || Entry::Guest {
        instance: "guest-1".into(),
        token: "token".into(),
        expires_at_wall: Wall::new(Duration::from_secs(3_600)),
    };
    let commit = op_of(&tab.give(Input::Client(run, FromClient::Remember(guest()))));
    assert!(!stops(&mut tab), "the store is about to have it");
    tab.give(Input::Committed(commit, Ok(Vec::new())));
    let commit = op_of(&tab.give(Input::Client(run, wait())));
    assert!(!stops(&mut tab), "the store is about to have what a server asked for");
    tab.give(Input::Client(run, wait()));
    assert!(!stops(&mut tab), "and this is to be stored next");
    let commit = op_of(&tab.give(Input::Committed(commit, Ok(Vec::new()))));
    assert!(!stops(&mut tab));
    tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert!(stops(&mut tab));
    // What the agent says comes again, though the guest has just been stored.
    let (mut tab, run) = has_led(Vec::new());
    let commit = op_of(&tab.give(Input::Client(run, FromClient::Remember(guest()))));
    tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert!(stops(&mut tab));
    let (mut tab, run) = has_led(guest_at(0));
    tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    assert!(stops(&mut tab));
    let (mut tab, run) = has_led(guest_at(0));
    tab.give(Input::Client(run, FromClient::State(State::Terminal(TerminalReason::Forbidden))));
    assert!(!stops(&mut tab), "the next one would fare no better");
}

#[test]
fn a_leader_that_owes_something_to_the_store_stops_for_nobody() {
    let (mut tab, run) = has_led(guest_at(0));
    let mut effects = tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    for _ in 0..2 {
        effects = tab.give(Input::Committed(op_of(&effects), Err(no_room())));
    }
    assert!(!stops(&mut tab));
    tab.now += Duration::from_secs(10);
    let commit = op_of(&tab.give(Input::Tick));
    tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert!(stops(&mut tab));
}

#[test]
fn a_leader_that_stops_says_so_when_its_client_is_silent_and_everything_is_stored() {
    stopped();
    let (mut tab, run) = stopping();
    let commit = op_of(&tab.give(Input::Client(run, wait())));
    tab.give(Input::Client(run, wait()));
    assert!(posted(&tab.give(Input::Client(run, FromClient::Left))).is_empty());
    let commit = op_of(&tab.give(Input::Committed(commit, Ok(Vec::new()))));
    let effects = tab.give(Input::Committed(commit, Ok(Vec::new())));
    assert_eq!(posted(&effects), [Say::Yield { to: "B".into() }]);
    // It has all been stored, but the client may have more to say.
    let (mut tab, _) = stopping();
    let end = tab.now + Duration::from_millis(400);
    assert_eq!(tab.machine.next_deadline(), Some(Instant::new(end)));
    tab.now = end.saturating_sub(Duration::from_millis(2));
    assert!(posted(&tab.give(Input::Tick)).is_empty(), "a millisecond is left");
    assert_eq!(posted(&tab.give(Input::Tick)), [Say::Yield { to: "B".into() }]);
}

#[test]
fn that_a_client_is_closed_as_it_is_stopped_says_nothing_of_the_connection() {
    let (mut tab, run) = stopping();
    assert_eq!(tab.give(Input::Client(run, FromClient::State(State::Closed))), []);
}

#[test]
fn a_leader_that_has_stopped_goes_on_when_nobody_comes_in_time() {
    let mut tab = stopped();
    assert!(goes_on(&rests_for(&mut tab, Duration::from_millis(700))));
}

#[test]
fn a_leader_goes_on_when_the_tab_that_it_has_stopped_for_goes_or_comes_anew() {
    for say in [Say::Bye, Say::Hello { shown: 0 }] {
        let mut tab = stopped();
        assert!(!goes_on(&hears(&mut tab, "C", 2, say.clone())), "it waits for another");
        assert!(goes_on(&says(&mut tab, 2, say.clone())));
        // Its client is told to stop, and must do so before it can be started anew.
        let (mut tab, run) = stopping();
        says(&mut tab, 2, say.clone());
        let effects = tab.give(Input::Client(run, FromClient::Left));
        assert!(goes_on(&effects), "{effects:?}");
        assert!(effects.contains(&Effect::StopClient) && posted(&effects).is_empty());
        let (mut tab, run) = stopping();
        hears(&mut tab, "C", 2, say);
        let effects = tab.give(Input::Client(run, FromClient::Left));
        assert_eq!(posted(&effects), [Say::Yield { to: "B".into() }]);
    }
}

#[test]
fn a_lock_that_goes_as_it_was_to_go_is_asked_for_anew_and_nothing_is_told_of_it() {
    for mut tab in [follower(), stopped()] {
        let effects = tab.give(Input::LockLost);
        assert!(effects.contains(&Effect::AskLock(Ask::Queue)), "{effects:?}");
        assert!(
            !effects.iter().any(|effect| matches!(effect, Effect::Publish(Event::Notice(_)))),
            "{effects:?}"
        );
    }
    let (mut tab, _) = has_led(guest_at(0));
    let lost = Effect::Publish(Event::Notice(Notice::LeadLost("the lock was stolen".into())));
    assert!(tab.give(Input::LockLost).contains(&lost));
}
