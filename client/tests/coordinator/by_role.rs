//! What one tab does that is out, alone, following or leading, and how long it waits with a store
//! that fails: bare effects, nothing around it.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Message, Say, Saying, VERSION};
use holdline_client::core::coordinator::{Effect, FromClient, Input, Life};
use holdline_client::tabs::{Ask, StoreError};
use holdline_client::{Because, Feature, Instant, Notice, Now, State, Wall, Why};
use uuid::Uuid;

use super::by_effect::{Tab, message, op_of, run_of};

/// What is told to the other tabs.
fn said(effects: &[Effect]) -> Vec<Say> {
    let posted = effects.iter().filter_map(|effect| match effect {
        Effect::Post(text) => serde_json::from_str::<Message>(text).ok(),
        _ => None,
    });
    posted.map(|message| message.say).collect()
}

/// A tab whose channel has failed.
fn alone() -> Tab {
    let mut tab = Tab::connected();
    tab.give(Input::Mute("it is closed".into()));
    tab
}

#[test]
fn a_tab_that_is_out_does_nothing_and_comes_back_when_it_is_asked() {
    let mut tab = Tab::new(Vec::new());
    for input in [Input::Disconnect, Input::Life(Life::Wakes), Input::Life(Life::Sleeps)] {
        assert_eq!(tab.give(input), []);
    }
    assert!(tab.give(Input::Reconnect).contains(&Effect::AskLock(Ask::Queue)));
    assert!(!tab.machine.leads());
    let effects = tab.give(Input::Disconnect);
    assert!(effects.contains(&Effect::State(State::Closed)), "{effects:?}");
    assert!(matches!(said(&effects)[..], [Say::Bye]), "somebody may wait for it");
    assert!(effects.contains(&Effect::LetGoLock));
}

#[test]
fn a_tab_alone_speaks_to_its_client_and_to_nobody_else() {
    let mut tab = alone();
    assert_eq!(tab.give(Input::Mute("once more".into())), [], "it is told once");
    assert_eq!(tab.give(Input::Life(Life::Sleeps)), [], "its client sleeps with it");
    assert_eq!(tab.give(Input::Life(Life::Wakes)), []);
    assert_eq!(tab.give(Input::Reconnect), [Effect::ReconnectClient]);
    let effects = tab.give(Input::Disconnect);
    assert!(effects.contains(&Effect::StopClient), "{effects:?}");
    assert!(said(&effects).is_empty() && !effects.contains(&Effect::LetGoLock), "{effects:?}");
}

#[test]
fn who_leads_tells_its_client_to_reconnect_and_who_follows_its_leader() {
    let mut tab = Tab::connected();
    assert!(matches!(said(&tab.give(Input::Reconnect))[..], [Say::Reconnect]));
    tab.lead(1, Vec::new());
    assert!(tab.give(Input::Reconnect).contains(&Effect::ReconnectClient));
}

#[test]
fn a_client_that_was_stopped_is_not_heard_any_more() {
    let mut tab = Tab::connected();
    let first = run_of(&tab.lead(1, Vec::new()));
    tab.give(Input::LockLost);
    let second = run_of(&tab.lead(2, Vec::new()));
    assert_ne!(first, second);
    let late = Input::Client(first, FromClient::Show(message("late")));
    assert_eq!(tab.give(late), []);
    let mut tab = Tab::connected();
    let run = run_of(&tab.lead(1, Vec::new()));
    let effects = tab.give(Input::Mute("it is closed".into()));
    assert_ne!(run, run_of(&effects), "the one that runs alone is another");
    assert_eq!(tab.give(Input::Client(run, FromClient::Show(message("late")))), []);
}

#[test]
fn a_tab_that_cannot_share_gives_what_is_sent_to_its_client_and_stores_nothing() {
    let id = Uuid::from_u128(7);
    let send = || Input::Send { id, text: "hello".into() };
    let uses_store = |effect: &Effect| matches!(effect, Effect::Commit { .. });
    let without = || Tab::new(vec![(Feature::Store, "there is none".into())]);
    assert_eq!(without().give(send()), [], "it waits for the client");
    let mut tab = without();
    let effects = tab.give(Input::Connect);
    let told = |effect: &Effect| matches!(effect, Effect::Notice(Notice::Degraded { .. }));
    assert_eq!(effects.iter().filter(|effect| told(effect)).count(), 1);
    let effects = tab.give(send());
    assert!(!effects.iter().any(uses_store), "{effects:?}");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Submit(_))), "{effects:?}");
    // Without a worker nothing is missing that sharing needs.
    let mut tab = Tab::new(vec![(Feature::Worker, "there is none".into())]);
    assert!(tab.give(send()).iter().any(uses_store));
}

#[test]
fn a_write_that_fails_is_tried_again_at_once_and_then_in_its_time() {
    let mut tab = Tab::connected();
    let failed = || Err(StoreError::Unavailable("it is busy".into()));
    let id = Uuid::from_u128(7);
    let mut op = op_of(&tab.give(Input::Send { id, text: "hello".into() }));
    op = op_of(&tab.give(Input::Committed(op, failed())));
    let uses_store =
        |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Commit { .. }));
    let soon = Some(Instant::new(tab.now + Duration::from_secs(1)));
    assert!(tab.machine.next_deadline() > soon, "a write under way has its time");
    let effects = tab.give(Input::Committed(op, failed()));
    assert!(!uses_store(&effects), "{effects:?}");
    let again_at = Instant::new(tab.now + Duration::from_millis(250));
    assert_eq!(tab.machine.next_deadline(), Some(again_at));
    tab.now += Duration::from_millis(248);
    assert!(!uses_store(&tab.give(Input::Tick)), "249 ms of 250 have passed");
    assert!(uses_store(&tab.give(Input::Tick)));
}

#[test]
fn a_follower_wakes_to_repeat_its_call_and_a_tab_alone_for_nothing() {
    let mut tab = Tab::connected();
    let commit = op_of(&tab.give(Input::Send { id: Uuid::from_u128(7), text: "hello".into() }));
    tab.give(Input::Committed(commit, Ok(vec!["outbox/00000000000000000001".into()])));
    let soon = Some(Instant::new(tab.now + Duration::from_secs(1)));
    assert!(tab.machine.next_deadline() <= soon, "the leader may not have heard it");
    tab.give(Input::Mute("it is closed".into()));
    assert_eq!(tab.machine.next_deadline(), None);

    let mut tab = Tab::connected();
    let failed = || Err(StoreError::Unavailable("it is busy".into()));
    let mut op = op_of(&tab.give(Input::Send { id: Uuid::from_u128(7), text: "hello".into() }));
    op = op_of(&tab.give(Input::Committed(op, failed())));
    tab.give(Input::Committed(op, failed()));
    tab.give(Input::Mute("it is closed".into()));
    assert_eq!(tab.machine.next_deadline(), None);
}

#[test]
fn a_wait_is_told_once_though_two_clocks_never_agree_to_the_millisecond() {
    let mut tab = Tab::connected();
    tab.lead(1, Vec::new());
    tab.give(Input::LockLost);
    let until = Wall::new(Duration::from_secs(60));
    let state = Saying::Waiting { until, why: Why::Closed(1012) };
    let say = Say::Beat { head: 0, state, because: Because::First };
    let (scope, name) = ("chat".to_owned(), "B".to_owned());
    let beat = Message { holdline: VERSION, scope, tab: name, epoch: 1, say };
    let text = serde_json::to_string(&beat).expect("plain data");
    let told = |effects: &[Effect]| {
        effects.iter().any(|effect| matches!(effect, Effect::State(State::Waiting { .. })))
    };
    assert!(told(&tab.give(Input::Heard(text))));
    let mut tick = |wall_ahead: u64| {
        tab.now += Duration::from_millis(1);
        let wall = Wall::new(tab.now + Duration::from_millis(wall_ahead));
        let mut effects = Vec::new();
        tab.machine.on(Now { mono: Instant::new(tab.now), wall }, Input::Tick, &mut effects);
        told(&effects)
    };
    assert!(!tick(0) && !tick(1) && !tick(99));
    assert!(tick(10_000), "the clock was put forward, and the wait is shorter");
}
