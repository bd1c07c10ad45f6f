//! What one tab does that is out, alone, following or leading, and how long it waits with a store
//! that fails: bare effects, nothing around it.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Say, Saying};
use holdline_client::core::coordinator::{CoordinatorConfig, Effect, FromClient, Input, Life};
use holdline_client::tabs::{Ask, StoreError};
use holdline_client::{
    Because, Event, Feature, Holder, Instant, Notice, Now, Outcome, Reason, State, Wall, Why,
};
use uuid::Uuid;

use super::one_tab::{
    Tab, beats, busy, follower, hears, holder, message, op_of, posted, reads, rests_for, run_of,
    says, tells,
};

/// A tab whose channel has failed.
fn alone() -> Tab {
    let mut tab = Tab::connected();
    tab.give(Input::Mute("it is closed".into()));
    tab
}

#[test]
fn a_tab_that_is_out_does_nothing_and_comes_back_when_it_is_asked() {
    let mut tab = Tab::new(Vec::new());
    let gone = [Input::Disconnect, Input::LockLost, Input::Life(Life::Wakes)];
    for input in gone.into_iter().chain([Input::Life(Life::Sleeps)]) {
        assert_eq!(tab.give(input), []);
    }
    assert!(tab.give(Input::Reconnect).contains(&Effect::AskLock(Ask::Queue)));
    assert!(!tab.machine.leads());
    let effects = tab.give(Input::Disconnect);
    assert!(effects.contains(&Effect::Publish(Event::State(State::Closed))), "{effects:?}");
    assert!(matches!(posted(&effects)[..], [Say::Bye]), "somebody may wait for it");
    assert!(effects.contains(&Effect::ReleaseLock));
}

#[test]
fn a_leader_that_leaves_stops_its_client_and_lets_go_of_the_lock() {
    for leaves in [Input::Disconnect, Input::Life(Life::Sleeps)] {
        let mut tab = follower();
        tab.lead(2, Vec::new());
        let effects = tab.give(leaves);
        assert!(effects.contains(&Effect::StopClient), "{effects:?}");
        assert!(effects.contains(&Effect::ReleaseLock), "{effects:?}");
        assert_eq!(posted(&effects), [Say::Bye]);
    }
}

#[test]
fn a_tab_alone_speaks_to_its_client_and_to_nobody_else() {
    let mut tab = alone();
    assert_eq!(tab.give(Input::Mute("once more".into())), [], "it is told once");
    assert_eq!(tab.give(Input::LockLost), [], "it has let go of it");
    assert_eq!(tab.give(Input::Life(Life::Sleeps)), [], "its client sleeps with it");
    assert_eq!(tab.give(Input::Life(Life::Wakes)), []);
    assert_eq!(tab.give(Input::Reconnect), [Effect::ReconnectClient]);
    let effects = tab.give(Input::Disconnect);
    assert!(effects.contains(&Effect::StopClient), "{effects:?}");
    assert!(posted(&effects).is_empty() && !effects.contains(&Effect::ReleaseLock), "{effects:?}");
}

#[test]
fn who_leads_tells_its_client_to_reconnect_and_who_follows_its_leader() {
    let mut tab = Tab::connected();
    assert!(matches!(posted(&tab.give(Input::Reconnect))[..], [Say::Reconnect]));
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
    let told =
        |effect: &Effect| matches!(effect, Effect::Publish(Event::Notice(Notice::Degraded { .. })));
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
    let id = Uuid::from_u128(7);
    let mut op = op_of(&tab.give(Input::Send { id, text: "hello".into() }));
    op = op_of(&tab.give(Input::Committed(op, Err(busy()))));
    let uses_store =
        |effects: &[Effect]| effects.iter().any(|effect| matches!(effect, Effect::Commit { .. }));
    let soon = Some(Instant::new(tab.now + Duration::from_secs(1)));
    assert!(tab.machine.next_deadline() > soon, "a write under way has its time");
    let effects = tab.give(Input::Committed(op, Err(busy())));
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
    let mut op = op_of(&tab.give(Input::Send { id: Uuid::from_u128(7), text: "hello".into() }));
    op = op_of(&tab.give(Input::Committed(op, Err(busy()))));
    tab.give(Input::Committed(op, Err(busy())));
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
    let told = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Publish(Event::State(State::Waiting { .. }))))
    };
    assert!(told(&says(&mut tab, 1, say)));
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

#[test]
fn a_tab_without_the_store_does_not_follow() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let foreign = Err(StoreError::Foreign("it is of version 2".into()));
    let effects = tab.give(Input::Read(op_of(&effects), foreign));
    run_of(&effects);
    assert_eq!(tab.machine.holder().map(|holder| holder.because), Some(Because::Alone));
}

#[test]
fn a_page_that_comes_instead_of_the_leader_is_the_leader_when_it_says_so_again() {
    let mut tab = follower();
    assert_eq!(holder(&tab), Some("B".into()));
    says(&mut tab, 1, Say::Hello { shown: 0 });
    assert_eq!(holder(&tab), None);
    beats(&mut tab, 1, 0);
    assert_eq!(holder(&tab), Some("B".into()), "though in the words of the one before it");
}

/// Whether a wait for these is told after one for a minute that a follower was told before.
fn is_told(until_ms: u64, why: Why) -> bool {
    let mut tab = follower();
    let mut hears = |until_ms: u64, why: Why| {
        // The clocks of both tabs say the same.
        let until = Wall::new(Duration::from_millis(until_ms));
        let state = Saying::Waiting { until, why };
        let effects = says(&mut tab, 1, Say::Beat { head: 0, state, because: Because::First });
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Publish(Event::State(State::Waiting { .. }))))
    };
    assert!(hears(60_000, Why::Closed(1012)));
    hears(until_ms, why)
}

#[test]
fn a_wait_is_news_when_its_end_or_its_reason_is_another() {
    for until in [59_901, 60_000, 60_099] {
        assert!(!is_told(until, Why::Closed(1012)), "{until}");
    }
    for until in [59_900, 60_100] {
        assert!(is_told(until, Why::Closed(1012)), "{until}");
    }
    assert!(is_told(60_000, Why::Closed(1001)));
}

#[test]
fn whoever_said_first_that_it_leads_in_an_epoch_is_believed_when_the_store_names_that_one() {
    for (claimed, stored, leader, state) in
        [(2, 2, "C", State::Open), (3, 2, "B", State::Connecting), (2, 3, "B", State::Connecting)]
    {
        let mut tab = follower();
        let say = Say::Beat { head: 0, state: Saying::Open, because: Because::First };
        let read = op_of(&hears(&mut tab, "C", claimed, say));
        assert_eq!(holder(&tab), Some("B".into()));
        reads(&mut tab, read, stored, &[]);
        assert_eq!(holder(&tab), Some(leader.into()), "{claimed} was claimed, {stored} it is");
        let now = Now { mono: Instant::new(tab.now), wall: Wall::new(tab.now) };
        assert_eq!(tab.machine.state(now), state);
    }
}

#[test]
fn a_tab_that_comes_is_not_the_leader_that_has_gone() {
    let mut tab = follower();
    hears(&mut tab, "C", 1, Say::Hello { shown: 0 });
    assert_eq!(holder(&tab), Some("B".into()));
}

#[test]
fn a_tab_that_holds_the_connection_is_as_its_client_says() {
    let is_open = |mut tab: Tab, run: u64| {
        let effects = tab.give(Input::Client(run, FromClient::State(State::Open)));
        assert!(effects.contains(&Effect::Publish(Event::State(State::Open))), "{effects:?}");
        let now = Now { mono: Instant::new(tab.now), wall: Wall::new(tab.now) };
        assert_eq!(tab.machine.state(now), State::Open);
    };
    let mut tab = Tab::connected();
    let run = run_of(&tab.give(Input::Mute("it is closed".into())));
    is_open(tab, run);
    let mut tab = follower();
    let effects = tab.lead(2, Vec::new());
    let holder = Holder { tab: "A".into(), epoch: 2, because: Because::LeaderLeft };
    assert!(effects.contains(&Effect::Publish(Event::Holder(Some(holder.clone())))), "{effects:?}");
    assert_eq!(tab.machine.holder(), Some(holder));
    is_open(tab, run_of(&effects));
}

#[test]
fn what_a_client_tells_is_what_it_says_to_its_tab() {
    let id = Uuid::from_u128(7);
    let notice = || Notice::StoreFailed("no room".into());
    for (event, said) in [
        (Event::State(State::Open), Some(FromClient::State(State::Open))),
        (Event::Delivered { id }, Some(FromClient::Settled(id, Outcome::Delivered))),
        (
            Event::Failed { id, reason: Reason::ShutDown },
            Some(FromClient::Settled(id, Outcome::Failed(Reason::ShutDown))),
        ),
        (Event::Inbound(message("m1")), Some(FromClient::Show(message("m1")))),
        (Event::Notice(notice()), Some(FromClient::Notice(notice()))),
        (Event::Accepted { id }, None),
        (Event::Holder(None), None),
    ] {
        assert_eq!(FromClient::from_event(event), said);
    }
}

#[test]
fn a_step_of_taking_the_lead_that_fails_is_tried_again_in_its_time_and_not_for_ever() {
    let numbers = CoordinatorConfig::default();
    let mut tab = follower();
    let mut claim = op_of(&tab.give(Input::LockGranted));
    for _ in 1..numbers.store_tries {
        tab.give(Input::EpochRaised(claim, Err(busy())));
        claim = op_of(&rests_for(&mut tab, numbers.store_retry));
    }
    let effects = tab.give(Input::EpochRaised(claim, Err(busy())));
    assert!(effects.contains(&Effect::ReleaseLock), "{effects:?}");
    run_of(&effects);
    // One that does not answer has failed, too, whether it is to be raised or to be read.
    let mut tab = follower();
    tab.give(Input::LockGranted);
    assert_eq!(rests_for(&mut tab, numbers.store_within), []);
    let claim = op_of(&rests_for(&mut tab, numbers.store_retry));
    tab.give(Input::EpochRaised(claim, Ok(2)));
    assert_eq!(rests_for(&mut tab, numbers.store_within), []);
    let effects = rests_for(&mut tab, numbers.store_retry);
    assert!(matches!(effects[..], [Effect::RaiseEpoch(_)]), "{effects:?}");
}
