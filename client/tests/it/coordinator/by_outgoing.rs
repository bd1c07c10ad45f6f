//! What one tab does with what is typed in it, until it has ended: bare effects.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Draft, Say};
use holdline_client::core::coordinator::{CoordinatorConfig, Effect, FromClient, Input, Life};
use holdline_client::tabs::Contents;
use holdline_client::tabs::records::{SettledRecord, encode};
use holdline_client::{Event, Notice, Outcome, Reason, Wall};
use uuid::Uuid;

use super::one_tab::{
    Tab, busy, call_at, call_key, follower, guest_at, leads, message, no_room, op_of, posted, put,
    read_from, reads, run_of, says,
};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn sends(tab: &mut Tab, number: u128) -> Vec<Effect> {
    tab.give(Input::Send { id: id(number), text: format!("text {number}") })
}

/// The store takes calls under these numbers of the outbox.
fn stored(tab: &mut Tab, op: u64, numbers: &[u64]) -> Vec<Effect> {
    let keys = numbers.iter().map(|number| call_key(*number)).collect();
    tab.give(Input::Committed(op, Ok(keys)))
}

fn full(tab: &mut Tab, op: u64) -> Vec<Effect> {
    tab.give(Input::Committed(op, Err(no_room())))
}

/// Where the text of a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    InStore,
    /// It comes along; this has to go before it.
    Along(Option<Uuid>),
}

use Text::{Along, InStore};

/// Each call that is said, and where its text is.
fn called(effects: &[Effect]) -> Vec<(Uuid, Text)> {
    let text = |unsaved: Option<Draft>| unsaved.map_or(InStore, |draft| Along(draft.after));
    let called = posted(effects).into_iter().filter_map(|say| match say {
        Say::Call { id, unsaved } => Some((id, text(unsaved))),
        _ => None,
    });
    called.collect()
}

fn submitted(effects: &[Effect]) -> Vec<Uuid> {
    let submitted = effects.iter().filter_map(|effect| match effect {
        Effect::Submit(draft) => Some(draft.id),
        _ => None,
    });
    submitted.collect()
}

#[test]
fn a_text_of_the_longest_is_taken_and_a_longer_one_is_not() {
    let mut tab = Tab::connected();
    let limit = CoordinatorConfig::default().max_text_bytes;
    for bytes in [limit + 1, limit + 2] {
        let reason = Reason::TooLong { bytes, limit };
        let effects = tab.give(Input::Send { id: id(1), text: "x".repeat(bytes) });
        assert_eq!(effects, [Effect::Publish(Event::settled(id(1), Outcome::Failed(reason)))]);
    }
    let effects = tab.give(Input::Send { id: id(1), text: "x".repeat(limit) });
    assert!(matches!(effects[..], [Effect::Commit { .. }]), "{effects:?}");
}

#[test]
fn a_call_that_no_store_has_names_the_one_before_it_that_no_store_has() {
    let mut tab = follower();
    let commit = op_of(&sends(&mut tab, 9));
    assert_eq!(called(&stored(&mut tab, commit, &[1])), [(id(9), InStore)]);
    let commit = op_of(&sends(&mut tab, 8));
    let effects = full(&mut tab, commit);
    assert_eq!(called(&effects), [(id(8), Along(None))], "the store has the one before it");
    let commit = op_of(&sends(&mut tab, 7));
    let effects = full(&mut tab, commit);
    let (eight, seven) = ((id(8), Along(None)), (id(7), Along(Some(id(8)))));
    assert_eq!(called(&effects), [eight, eight, seven], "and only what is in no store comes along");
}

#[test]
fn each_use_of_the_store_has_a_number_of_its_own() {
    let mut tab = follower();
    let run = run_of(&tab.lead(2, Vec::new()));
    // The feed and the outbox are read, and both a call and what the agent says are stored.
    let mut effects = tab.give(Input::Life(Life::Wakes));
    effects.extend(sends(&mut tab, 1));
    effects.extend(tab.give(Input::Client(run, FromClient::Show(message("m1")))));
    let numbers = effects.iter().filter_map(|effect| match effect {
        Effect::Read { op, .. } | Effect::Commit { op, .. } => Some(*op),
        _ => None,
    });
    let numbers: Vec<u64> = numbers.collect();
    assert_eq!(numbers.len(), 4);
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}

#[test]
fn a_call_that_the_store_fails_as_often_as_it_may_goes_without_it() {
    let numbers = CoordinatorConfig::default();
    let mut tab = follower();
    let mut effects = sends(&mut tab, 1);
    for _ in 1..numbers.store_tries {
        let commit = op_of(&effects);
        effects = tab.give(Input::Committed(commit, Err(busy())));
        assert!(called(&effects).is_empty(), "{effects:?}");
        if effects.is_empty() {
            tab.now += numbers.store_retry;
            effects = tab.give(Input::Tick);
        }
    }
    let effects = tab.give(Input::Committed(op_of(&effects), Err(busy())));
    assert_eq!(called(&effects), [(id(1), Along(None))]);
    let told =
        |effect: &Effect| matches!(effect, Effect::Publish(Event::Notice(Notice::StoreFailed(_))));
    assert!(effects.iter().any(told), "{effects:?}");
}

#[test]
fn a_call_is_said_again_ever_more_rarely_and_soon_with_its_text() {
    let mut tab = follower();
    let commit = op_of(&sends(&mut tab, 9));
    assert_eq!(called(&stored(&mut tab, commit, &[1])), [(id(9), InStore)]);
    // What was said twice in vain may be in no store any more.
    let mut text = InStore;
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        tab.now += Duration::from_millis(seconds * 1_000 - 2);
        assert!(called(&tab.give(Input::Tick)).is_empty(), "{seconds} s have not passed");
        assert_eq!(called(&tab.give(Input::Tick)), [(id(9), text)]);
        text = Along(None);
    }
}

#[test]
fn what_is_in_no_store_is_said_again_before_what_was_typed_after_it_is() {
    let mut tab = follower();
    let commit = op_of(&sends(&mut tab, 9));
    stored(&mut tab, commit, &[1]);
    tab.now += Duration::from_secs(1);
    assert_eq!(called(&tab.give(Input::Tick)), [(id(9), InStore)]);
    for number in [8, 7] {
        let commit = op_of(&sends(&mut tab, number));
        full(&mut tab, commit);
    }
    // Of these only the last is due; the store has the first of all.
    tab.now += Duration::from_secs(1);
    let expected = [(id(8), Along(None)), (id(7), Along(Some(id(8))))];
    assert_eq!(called(&tab.give(Input::Tick)), expected);
}

#[test]
fn a_leader_takes_a_call_when_it_knows_of_the_one_before_it() {
    let open = call_at(1, 1);
    let ended = SettledRecord { outcome: Outcome::Delivered, at_ms: 0 };
    let ended = (format!("settled/{}", id(2)), encode(&ended));
    let (mut tab, _) = leads([guest_at(0), vec![open, ended]].concat());
    let call = |number, after: Option<u128>| {
        let unsaved = Draft { text: "x".into(), at: Wall::default(), after: after.map(id) };
        Say::Call { id: id(number), unsaved: Some(unsaved) }
    };
    let reads = |tab: &mut Tab, effects: &[Effect]| reads(tab, op_of(effects), 2, &[]);
    for (number, before) in [(3, 1), (4, 2)] {
        let effects = says(&mut tab, 2, call(number, Some(before)));
        assert_eq!(submitted(&reads(&mut tab, &effects)), [id(number)]);
    }
    assert_eq!(says(&mut tab, 2, call(6, Some(5))), [], "it waits for the other");
    // It knows of one that waits for the outbox to be read, too.
    let effects = says(&mut tab, 2, call(5, None));
    assert_eq!(says(&mut tab, 2, call(6, Some(5))), []);
    let effects = reads(&mut tab, &effects);
    assert_eq!(submitted(&reads(&mut tab, &effects)), [id(5), id(6)]);
}

#[test]
fn a_leader_writes_its_guest_back_when_the_numbers_of_the_outbox_have_begun_again() {
    let two_taken = || leads([guest_at(5), vec![call_at(1, 1), call_at(2, 2)]].concat()).0;
    let is_back = |effects: &[Effect]| put(effects) == ["guest", "cursor"];
    for (epoch, number, back) in [(2, 3, false), (2, 2, true), (2, 1, true), (1, 3, true)] {
        let mut tab = two_taken();
        let read = op_of(&says(&mut tab, 2, Say::Call { id: id(9), unsaved: None }));
        let records = vec![call_at(number, 9)];
        let effects = tab.give(Input::Read(read, Ok(Contents { epoch, records })));
        assert_eq!(submitted(&effects), [id(9)]);
        assert_eq!(is_back(&effects), back, "{number} of epoch {epoch}");
    }
    // The same for what is typed in this tab.
    for (number, back, reads) in
        [(3, false, false), (2, true, true), (1, true, true), (4, false, true)]
    {
        let mut tab = two_taken();
        let commit = op_of(&sends(&mut tab, 9));
        let effects = stored(&mut tab, commit, &[number]);
        assert_eq!(is_back(&effects), back, "{number}");
        assert_eq!(!read_from(&effects).is_empty(), reads, "{number}");
        assert_eq!(submitted(&effects).is_empty(), reads, "what lies before it goes first");
    }
}

#[test]
fn what_the_outbox_holds_is_handed_over_once_and_not_when_it_has_ended() {
    let ended = SettledRecord { outcome: Outcome::Delivered, at_ms: 0 };
    let ended = (format!("settled/{}", id(2)), encode(&ended));
    let (mut tab, _) = leads([guest_at(0), vec![call_at(1, 1), ended]].concat());
    let read = op_of(&says(&mut tab, 2, Say::Call { id: id(9), unsaved: None }));
    let records = || vec![call_at(1, 1), call_at(2, 2), call_at(3, 9)];
    let again = says(&mut tab, 2, Say::Call { id: id(9), unsaved: None });
    assert_eq!(again, [], "it is being read");
    let effects = tab.give(Input::Read(read, Ok(Contents { epoch: 2, records: records() })));
    assert_eq!(submitted(&effects), [id(9)]);
    let again = op_of(&effects);
    let effects = tab.give(Input::Read(again, Ok(Contents { epoch: 2, records: records() })));
    assert_eq!(effects, [], "and once more, in vain");
    // One that was said with its text, and that the store has after all, is handed over once, too.
    let at = Wall::default();
    let unsaved = Some(Draft { text: "x".into(), at, after: None });
    let read = op_of(&says(&mut tab, 2, Say::Call { id: id(7), unsaved }));
    let records = vec![call_at(4, 7)];
    let effects = tab.give(Input::Read(read, Ok(Contents { epoch: 2, records })));
    assert_eq!(submitted(&effects), [id(7)]);
    // What is stored next is the one behind it.
    let commit = op_of(&sends(&mut tab, 8));
    assert_eq!(submitted(&stored(&mut tab, commit, &[5])), [id(8)]);
}

#[test]
fn a_new_leader_hears_of_itself_what_has_become_of_its_call() {
    let mut tab = follower();
    let commit = op_of(&sends(&mut tab, 9));
    stored(&mut tab, commit, &[1]);
    let outcome = Outcome::Failed(Reason::ConversationGone);
    let record = encode(&SettledRecord { outcome: outcome.clone(), at_ms: 0 });
    let effects = tab.lead(2, [guest_at(0), vec![(format!("settled/{}", id(9)), record)]].concat());
    assert!(
        effects.contains(&Effect::Publish(Event::settled(id(9), outcome.clone()))),
        "{effects:?}"
    );
    assert!(posted(&effects).contains(&Say::Settled { id: id(9), outcome }));
}
