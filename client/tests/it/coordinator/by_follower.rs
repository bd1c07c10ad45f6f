//! How long a follower waits for its leader, when it wants to lead, and whom it believes.

use std::time::Duration;

use holdline_client::Because;
use holdline_client::core::coordinator::message::{Say, Saying};
use holdline_client::core::coordinator::{CoordinatorConfig, Effect, Input, Life};
use holdline_client::tabs::Ask;

use super::one_tab::{
    Tab, beats, follower, guest_at, hears, holder, leads, posted, reads, rests_for, says, tells,
    wakes,
};

const MILLI: Duration = Duration::from_millis(1);

/// How long after its question a tab robs a leader that is silent.
fn patience(lives: Life) -> Duration {
    let mut tab = follower();
    let silent_at = tab.now + CoordinatorConfig::default().probe_after;
    tab.give(Input::Life(lives));
    let mut asked_at = None;
    for _ in 0..100 {
        let at = tab.machine.next_deadline().expect("it waits").since_start();
        tab.now = at.saturating_sub(MILLI);
        let effects = tab.give(Input::Tick);
        if posted(&effects).contains(&Say::Probe) {
            assert_eq!((asked_at, tab.now), (None, silent_at));
            asked_at = Some(tab.now);
        }
        if effects.contains(&Effect::AskLock(Ask::Steal)) {
            return tab.now.saturating_sub(asked_at.expect("it asks before it robs"));
        }
    }
    panic!("it waits for ever");
}

#[test]
fn whoever_the_user_looks_at_loses_patience_first() {
    let (focused, shown) = (patience(Life::Focused), patience(Life::Shown));
    let hidden = patience(Life::Hidden);
    let numbers = CoordinatorConfig::default();
    let most = numbers.answer_within + Duration::from_millis(100);
    assert!((numbers.answer_within..most).contains(&focused), "{focused:?}");
    assert_eq!(shown, focused + numbers.patience_step);
    assert_eq!(hidden, shown + numbers.patience_step);
}

#[test]
fn a_leader_that_says_anything_of_its_own_is_waited_for_anew() {
    let probe_after = CoordinatorConfig::default().probe_after;
    let mut tab = follower();
    tab.now += Duration::from_secs(1);
    beats(&mut tab, 1, 0);
    assert_eq!(posted(&rests_for(&mut tab, probe_after)), [Say::Probe]);
    // In the same words as before, or in others.
    for head in [0, 0, 1] {
        if head == 1 {
            tells(&mut tab, 1, 1, "m1");
        }
        beats(&mut tab, 1, head);
        assert_eq!(posted(&rests_for(&mut tab, probe_after)), [Say::Probe], "{head}");
    }
    // What others say is not its word, and what is said in its name in another epoch is not either.
    let silent_at = tab.machine.next_deadline();
    hears(&mut tab, "C", 1, Say::Probe);
    beats(&mut tab, 0, 1);
    assert_eq!(tab.machine.next_deadline(), silent_at);
    // Nor are its own words, once the store names a newer epoch.
    beats(&mut tab, 1, 1);
    let (read, _) = wakes(&mut tab);
    reads(&mut tab, read, 2, &[]);
    let silent_at = tab.machine.next_deadline();
    beats(&mut tab, 1, 1);
    assert_eq!(tab.machine.next_deadline(), silent_at);
}

#[test]
fn a_tab_wants_to_lead_when_the_user_has_stayed_and_says_so_twice_a_second() {
    let numbers = CoordinatorConfig::default();
    let mut tab = follower();
    tab.give(Input::Life(Life::Focused));
    assert_eq!(posted(&rests_for(&mut tab, numbers.dwell)), [Say::Want]);
    assert_eq!(posted(&rests_for(&mut tab, numbers.want_every)), [Say::Want]);
    // The user is back at once, and it has said so lately.
    tab.give(Input::Life(Life::Blurred));
    tab.give(Input::Life(Life::Focused));
    let rest = numbers.want_every.saturating_sub(MILLI * 2);
    assert_eq!(posted(&rests_for(&mut tab, rest)), [Say::Want]);
    // The user is back later, and has not stayed yet.
    tab.give(Input::Life(Life::Blurred));
    tab.now += numbers.want_every;
    tab.give(Input::Life(Life::Focused));
    tab.give(Input::Life(Life::Focused));
    assert_eq!(posted(&rests_for(&mut tab, numbers.dwell.saturating_sub(MILLI))), [Say::Want]);
    // There is nobody to ask.
    says(&mut tab, 1, Say::Bye);
    let effects = rests_for(&mut tab, numbers.probe_after);
    assert_eq!(posted(&effects), [Say::Probe]);
}

#[test]
fn an_offer_is_taken_while_whoever_made_it_may_still_wait() {
    let numbers = CoordinatorConfig::default();
    for (millis, taken) in [(1_399, true), (1_400, false)] {
        let mut tab = follower();
        tab.give(Input::Life(Life::Focused));
        assert_eq!(posted(&rests_for(&mut tab, numbers.dwell)), [Say::Want]);
        tab.now += Duration::from_millis(millis - 1);
        let effects = says(&mut tab, 1, Say::Yield { to: "A".into() });
        let steals = effects.contains(&Effect::AskLock(Ask::Steal));
        assert_eq!(steals, taken, "{millis}");
    }
    // One that was made to another, or that this tab has not asked for, is not for it.
    let mut tab = follower();
    let yields = |to: &str| Say::Yield { to: to.into() };
    assert_eq!(says(&mut tab, 1, yields("A")), []);
    tab.give(Input::Life(Life::Focused));
    assert_eq!(posted(&rests_for(&mut tab, numbers.dwell)), [Say::Want]);
    let effects = says(&mut tab, 1, yields("C"));
    assert_eq!(posted(&effects), [Say::Want], "it asks whoever comes");
    assert_eq!(effects.len(), 1);
}

#[test]
fn only_the_leader_takes_itself_away() {
    let mut tab = follower();
    hears(&mut tab, "C", 1, Say::Bye);
    assert_eq!(holder(&tab), Some("B".into()));
    says(&mut tab, 0, Say::Bye);
    assert_eq!(holder(&tab), Some("B".into()), "that was in another epoch");
    says(&mut tab, 1, Say::Bye);
    assert_eq!(holder(&tab), None);
}

#[test]
fn of_two_tabs_that_lead_in_one_epoch_the_one_whose_name_sorts_later_goes() {
    for (name, epoch, goes) in [("0", 2, true), ("A", 2, false), ("B", 2, false), ("0", 1, false)] {
        let (mut tab, _) = leads(guest_at(0));
        let say = Say::Beat { head: 0, state: Saying::Open, because: Because::First };
        let effects = hears(&mut tab, name, epoch, say);
        assert_eq!(!tab.machine.leads(), goes, "{name} in {epoch}");
        assert_eq!(effects.contains(&Effect::StopClient), goes);
        assert_eq!(posted(&effects).contains(&Say::Hello { shown: 0 }), goes);
    }
}

#[test]
fn the_leader_alone_tries_now_when_the_user_asks_it_of_another_tab() {
    let mut tab = follower();
    assert_eq!(says(&mut tab, 1, Say::Reconnect), []);
    let (mut tab, _) = leads(guest_at(0));
    assert_eq!(says(&mut tab, 1, Say::Reconnect), [Effect::ReconnectClient]);
}

#[test]
fn a_tab_that_is_out_hears_nothing() {
    let mut tab = Tab::new(Vec::new());
    assert_eq!(says(&mut tab, 1, Say::Probe), []);
    assert_eq!(tells(&mut tab, 0, 1, "m1"), []);
}
