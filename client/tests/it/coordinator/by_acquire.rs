//! How a tab that is granted the lock takes the lead, and why it says that it leads.

use std::time::Duration;

use holdline_client::core::coordinator::message::Say;
use holdline_client::core::coordinator::{CoordinatorConfig, Effect, Input, Life};
use holdline_client::tabs::{Ask, Contents, StoreError, Write};
use holdline_client::{Because, Event, Notice};

use super::one_tab::{
    Tab, beats, busy, follower, guest_at, key, leads, op_of, posted, read_from, reads, rests_for,
    says,
};

/// Why it leads once the lock is granted.
fn because(mut tab: Tab) -> Because {
    tab.lead(2, guest_at(0));
    tab.machine.holder().expect("it leads").because
}

#[test]
fn a_tab_knows_why_it_leads() {
    assert_eq!(because(Tab::connected()), Because::First);
    assert_eq!(because(follower()), Because::LeaderLeft);
    let mut tab = follower();
    says(&mut tab, 1, Say::Bye);
    assert_eq!(because(tab), Because::LeaderLeft, "there has been one in an epoch before");
    // One that it has heard before it has read the store.
    let mut tab = Tab::connected();
    beats(&mut tab, 0, 0);
    assert_eq!(because(tab), Because::LeaderLeft);
    let mut tab = follower();
    tab.now += Duration::from_millis(2_500);
    assert!(posted(&tab.give(Input::Tick)).contains(&Say::Probe));
    tab.now += Duration::from_secs(2);
    assert!(tab.give(Input::Tick).contains(&Effect::AskLock(Ask::Steal)));
    assert_eq!(because(tab), Because::LeaderSilent);
    let mut tab = follower();
    tab.give(Input::Life(Life::Focused));
    assert_eq!(posted(&rests_for(&mut tab, Duration::from_millis(250))), [Say::Want]);
    let effects = says(&mut tab, 1, Say::Yield { to: "A".into() });
    assert!(effects.contains(&Effect::AskLock(Ask::Steal)), "{effects:?}");
    assert_eq!(because(tab), Because::Focused);
}

#[test]
fn a_lock_that_nobody_has_asked_for_is_let_go() {
    let (mut tab, _) = leads(guest_at(0));
    assert_eq!(tab.give(Input::LockGranted), [Effect::ReleaseLock]);
    let mut tab = Tab::new(Vec::new());
    assert_eq!(tab.give(Input::LockGranted), [Effect::ReleaseLock]);
}

#[test]
fn the_epoch_goes_on_from_what_the_tabs_remember_when_somebody_has_cleared_the_store() {
    for epoch in [0, 1] {
        let mut tab = follower();
        let claim = op_of(&tab.give(Input::LockGranted));
        let effects = tab.give(Input::EpochRaised(claim, Ok(epoch)));
        let (op, writes) = (op_of(&effects), Vec::<Write>::new());
        assert_eq!(effects, [Effect::Commit { op, epoch: 2, writes }]);
        assert_eq!(tab.give(Input::Committed(op + 1, Ok(Vec::new()))), [], "it is another's");
        let effects = tab.give(Input::Committed(op, Ok(Vec::new())));
        assert_eq!(read_from(&effects), [""]);
        tab.give(Input::Read(op_of(&effects), Ok(Contents { epoch: 2, records: guest_at(0) })));
        assert_eq!(tab.machine.holder().map(|holder| holder.epoch), Some(2));
        // It may fail, too.
        let mut tab = follower();
        let claim = op_of(&tab.give(Input::LockGranted));
        let commit = op_of(&tab.give(Input::EpochRaised(claim, Ok(epoch))));
        let busy = Err(busy());
        assert_eq!(tab.give(Input::Committed(commit, busy)), []);
        let effects = rests_for(&mut tab, Duration::from_millis(250));
        assert!(matches!(effects[..], [Effect::RaiseEpoch(_)]), "{effects:?}");
    }
}

#[test]
fn what_answers_an_older_use_of_the_store_does_not_make_a_tab_lead() {
    let mut tab = follower();
    let claim = op_of(&tab.give(Input::LockGranted));
    assert_eq!(tab.give(Input::EpochRaised(claim - 1, Ok(2))), []);
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    assert_eq!(tab.give(Input::EpochRaised(claim, Ok(3))), [], "it was answered");
    assert_eq!(reads(&mut tab, read - 1, 2, &[]), []);
    assert!(!tab.machine.leads());
    reads(&mut tab, read, 2, &[]);
    assert!(tab.machine.leads());
}

#[test]
fn a_tab_that_was_overtaken_before_it_has_read_the_store_does_not_lead() {
    let mut tab = follower();
    let claim = op_of(&tab.give(Input::LockGranted));
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    let effects = reads(&mut tab, read, 3, &[]);
    assert!(!tab.machine.leads());
    assert!(effects.contains(&Effect::AskLock(Ask::Queue)), "it waits for its turn: {effects:?}");
}

#[test]
fn a_hundred_records_that_cannot_be_read_are_told_of_and_no_more() {
    let (_, effects) = leads((1..=101).map(|number| (key(number), "{}".to_owned())).collect());
    let told = |effect: &&Effect| {
        matches!(effect, Effect::Publish(Event::Notice(Notice::MalformedRecord { .. })))
    };
    assert_eq!(effects.iter().filter(told).count(), 100);
}

#[test]
fn a_tab_that_cannot_read_the_store_leaves_the_lock_to_others() {
    let mut tab = follower();
    let claim = op_of(&tab.give(Input::LockGranted));
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    let busy = Err(busy());
    assert_eq!(tab.give(Input::Read(read, busy)), [], "that may pass");
    let claim = op_of(&rests_for(&mut tab, Duration::from_millis(250)));
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(3))));
    let foreign = Err(StoreError::Foreign("it is of version 2".into()));
    let effects = tab.give(Input::Read(read, foreign));
    assert!(effects.contains(&Effect::ReleaseLock), "{effects:?}");
    let told =
        |effect: &Effect| matches!(effect, Effect::Publish(Event::Notice(Notice::Degraded { .. })));
    assert!(effects.iter().any(told), "{effects:?}");
}

#[test]
fn a_store_that_can_be_claimed_and_not_read_is_given_up_like_any_other() {
    let numbers = CoordinatorConfig::default();
    // The epoch is raised in vain each time: the store cannot be read.
    let mut tab = follower();
    let mut claim = op_of(&tab.give(Input::LockGranted));
    for epoch in 2..=u64::from(numbers.store_tries) {
        let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(epoch))));
        tab.give(Input::Read(read, Err(busy())));
        claim = op_of(&rests_for(&mut tab, numbers.store_retry));
    }
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(9))));
    let effects = tab.give(Input::Read(read, Err(busy())));
    assert!(effects.contains(&Effect::ReleaseLock), "{effects:?}");
    // Or the epoch cannot be raised to what the tabs remember.
    let mut tab = follower();
    let mut claim = op_of(&tab.give(Input::LockGranted));
    for _ in 1..numbers.store_tries {
        let commit = op_of(&tab.give(Input::EpochRaised(claim, Ok(1))));
        tab.give(Input::Committed(commit, Err(busy())));
        claim = op_of(&rests_for(&mut tab, numbers.store_retry));
    }
    let commit = op_of(&tab.give(Input::EpochRaised(claim, Ok(1))));
    let effects = tab.give(Input::Committed(commit, Err(busy())));
    assert!(effects.contains(&Effect::ReleaseLock), "{effects:?}");
}
