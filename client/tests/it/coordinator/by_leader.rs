//! What a tab takes over when it leads, and goes on from: bare effects.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Message, Say, Saying};
use holdline_client::core::coordinator::{Effect, FromClient, Input};
use holdline_client::core::outbox::Draft;
use holdline_client::tabs::records::{FeedRecord, OutboxRecord, SettledRecord, encode};
use holdline_client::tabs::{Contents, StoreError, Write};
use holdline_client::{Because, Event, Notice, Outcome, State, Wall};
use uuid::Uuid;

use super::one_tab::{
    Tab, beats, busy, call_at, feed, follower, guest_at, hears, key, leads, message, no_room,
    op_of, posted, read_from, reads, rests_for, run_of, says, shown, tells, told_from_memory,
    written,
};

#[test]
fn whoever_leads_says_where_the_feed_ends_before_it_has_read_it() {
    let mut tab = follower();
    beats(&mut tab, 1, 9);
    let claim = op_of(&tab.give(Input::LockGranted));
    let effects = tab.give(Input::EpochRaised(claim, Ok(2)));
    let head = effects.iter().find_map(|effect| match effect {
        Effect::Post(text) => match serde_json::from_str::<Message>(text).ok()?.say {
            Say::Beat { head, .. } => Some(head),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(head, Some(9));
}

/// The client says something, and the store takes it.
fn stores(tab: &mut Tab, run: u64, said: FromClient) -> (Vec<Write>, Vec<Effect>) {
    let effects = tab.give(Input::Client(run, said));
    let writes = effects.iter().find_map(|effect| match effect {
        Effect::Commit { writes, .. } => Some(writes.clone()),
        _ => None,
    });
    let stored = tab.give(Input::Committed(op_of(&effects), Ok(Vec::new())));
    (writes.expect("it is stored"), stored)
}

/// The position that is given to the next message.
fn position_of_next(tab: &mut Tab, run: u64) -> String {
    let (writes, stored) = stores(tab, run, FromClient::Show(message("next")));
    assert!(stored.contains(&Effect::Publish(Event::Inbound(message("next")))), "{stored:?}");
    let place = writes.iter().find_map(|write| match write {
        Write::Put { key, .. } if key.starts_with("feed/") => Some(key.clone()),
        _ => None,
    });
    place.expect("it has a place")
}

#[test]
fn a_leader_counts_on_from_the_store_or_from_what_it_has_shown_when_that_was_cleared() {
    let shown_three = || {
        let mut tab = follower();
        for number in 1..=3 {
            tells(&mut tab, 1, number, &format!("m{number}"));
        }
        tab
    };
    let next = |mut tab: Tab, records| {
        let run = run_of(&tab.lead(2, records));
        position_of_next(&mut tab, run)
    };
    assert_eq!(next(shown_three(), Vec::new()), key(4), "no guest: it was cleared");
    assert_eq!(next(shown_three(), guest_at(1)), key(4), "a cursor without a feed");
    let all = [guest_at(3), feed(&[(1, "m1"), (2, "m2"), (3, "m3"), (4, "m4")])].concat();
    assert_eq!(next(shown_three(), all), key(5));
    assert_eq!(next(follower(), feed(&[(7, "m7")])), key(8));
    // What no store had comes again, and gets the same numbers.
    assert_eq!(next(told_from_memory(), guest_at(0)), key(1));
    assert_eq!(next(told_from_memory(), Vec::new()), key(1));
}

#[test]
fn a_new_leader_has_forgotten_what_it_held_of_the_one_before() {
    let mut tab = follower();
    tells(&mut tab, 1, 2, "old2");
    let run = run_of(&tab.lead(2, guest_at(0)));
    for id in ["m1", "m2"] {
        let (_, effects) = stores(&mut tab, run, FromClient::Show(message(id)));
        assert_eq!(shown(&effects), [id]);
    }
}

#[test]
fn a_leader_that_is_fenced_reads_again_what_it_told_from_memory() {
    let mut tab = follower();
    let run = run_of(&tab.lead(2, guest_at(0)));
    let mut effects = tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    for _ in 0..2 {
        effects = tab.give(Input::Committed(op_of(&effects), Err(no_room())));
    }
    assert_eq!(shown(&effects), ["m1"]);
    let effects = tab.give(Input::Client(run, FromClient::Show(message("m2"))));
    let fenced = Err(StoreError::Fenced { asked: 2, stored: 3 });
    let effects = tab.give(Input::Committed(op_of(&effects), fenced));
    assert_eq!(read_from(&effects), [key(1)]);
    assert!(!tab.machine.leads());
}

fn deletes(effects: &[Effect]) -> usize {
    written(effects).filter(|write| matches!(write, Write::Delete { .. })).count()
}

fn many(count: u64) -> Vec<(String, String)> {
    let record = encode(&FeedRecord { message: message("") });
    (1..=count).map(|number| (key(number), record.clone())).collect()
}

#[test]
fn a_new_leader_deletes_what_is_beyond_the_bound_and_no_more() {
    assert_eq!(deletes(&leads(many(500)).1), 0);
    assert_eq!(deletes(&leads(many(503)).1), 3);
}

#[test]
fn a_new_leader_gives_old_records_up_before_it_gives_up_the_store() {
    let (mut tab, effects) = leads([guest_at(0), many(300)].concat());
    let effects = tab.give(Input::Client(run_of(&effects), FromClient::Show(message("m"))));
    let full = Err(no_room());
    let effects = tab.give(Input::Committed(op_of(&effects), full));
    assert_eq!((deletes(&effects), shown(&effects)), (151, vec![]), "{effects:?}");
}

#[test]
fn a_new_leader_has_four_tries_at_a_store_that_fails() {
    let (mut tab, effects) = leads(guest_at(0));
    let mut effects = tab.give(Input::Client(run_of(&effects), FromClient::Show(message("m"))));
    for left in (0..4).rev() {
        let busy = Err(busy());
        effects = tab.give(Input::Committed(op_of(&effects), busy));
        assert_eq!(shown(&effects).is_empty(), left > 0, "{left} tries left");
        if left > 0 && !effects.iter().any(|effect| matches!(effect, Effect::Commit { .. })) {
            tab.now += Duration::from_millis(250);
            effects = tab.give(Input::Tick);
        }
    }
}

#[test]
fn a_new_leader_goes_for_the_tab_that_the_user_looks_at_though_it_has_written_nothing() {
    let (mut tab, _) = leads(guest_at(0));
    tab.now += Duration::from_secs(1);
    assert!(says(&mut tab, 2, Say::Want).contains(&Effect::LeaveClient));
}

#[test]
fn a_new_leader_hands_the_next_call_over_without_another_look_into_the_outbox() {
    let call = |number: u64| call_at(number, number.into());
    for before in [vec![], vec![call(1)], vec![call(1), call(2)]] {
        let next = before.len() as u64 + 1;
        let (mut tab, _) = leads([guest_at(0), before].concat());
        let id = Uuid::from_u128(7);
        let effects = tab.give(Input::Send { id, text: "hello".into() });
        let keys = Ok(vec![call(next).0]);
        let effects = tab.give(Input::Committed(op_of(&effects), keys));
        let submitted = |effect: &Effect| matches!(effect, Effect::Submit(draft) if draft.id == id);
        assert!(effects.iter().any(submitted), "{effects:?}");
        assert!(read_from(&effects).is_empty(), "{effects:?}");
        let stores = |effect: &Effect| matches!(effect, Effect::Commit { .. });
        assert!(!effects.iter().any(stores), "nobody has cleared the store: {effects:?}");
    }
}

#[test]
fn a_new_leader_takes_its_own_calls_at_once() {
    let mut tab = follower();
    let id = Uuid::from_u128(7);
    let effects = tab.give(Input::Send { id, text: "hello".into() });
    let full = Err(no_room());
    tab.give(Input::Committed(op_of(&effects), full));
    let effects = tab.lead(2, guest_at(0));
    assert_eq!(read_from(&effects), ["outbox/"], "it goes behind what the store has");
    let nothing = Ok(Contents { epoch: 2, records: Vec::new() });
    let effects = tab.give(Input::Read(op_of(&effects), nothing));
    let submitted = |effect: &Effect| matches!(effect, Effect::Submit(draft) if draft.id == id);
    assert!(effects.iter().any(submitted), "{effects:?}");
}

#[test]
fn a_record_that_cannot_be_read_is_no_reason_not_to_lead() {
    let odd = vec![(key(1), "{}".to_owned())];
    let (tab, effects) = leads([guest_at(0), odd].concat());
    let told = |effect: &Effect| {
        matches!(effect, Effect::Publish(Event::Notice(Notice::MalformedRecord { .. })))
    };
    assert!(effects.iter().any(told), "{effects:?}");
    assert!(tab.machine.leads());
}

#[test]
fn a_new_leader_knows_what_was_called_and_what_has_ended() {
    let (open, ended) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let draft = Draft { id: open, text: "x".into(), accepted_at: Wall::default() };
    let outbox = ("outbox/00000000000000000001".to_owned(), encode(&OutboxRecord::from(&draft)));
    let record = SettledRecord { outcome: Outcome::Delivered, at_ms: 0 };
    let settled = (format!("settled/{ended}"), encode(&record));
    let (mut tab, effects) = leads([guest_at(0), vec![outbox.clone(), settled]].concat());
    assert_eq!(says(&mut tab, 2, Say::Call { id: open, unsaved: None }), [], "it is on its way");
    let effects_of_call = says(&mut tab, 2, Say::Call { id: ended, unsaved: None });
    let outcome = Outcome::Delivered;
    assert_eq!(posted(&effects_of_call), [Say::Settled { id: ended, outcome: outcome.clone() }]);
    let (writes, _) = stores(&mut tab, run_of(&effects), FromClient::Settled(open, outcome));
    assert!(writes.contains(&Write::Delete { key: outbox.0 }), "{writes:?}");
}

#[test]
fn a_new_leader_says_where_the_feed_ends_and_that_it_is_connecting() {
    let (mut tab, _) = leads([guest_at(0), many(3)].concat());
    let beat = Say::Beat { head: 3, state: Saying::Connecting, because: Because::LeaderLeft };
    assert_eq!(posted(&says(&mut tab, 2, Say::Probe)), [beat]);
}

#[test]
fn a_new_leader_has_its_time_however_long_it_followed() {
    let mut tab = follower();
    tab.now += Duration::from_secs(60);
    let effects = tab.lead(2, guest_at(0));
    assert!(read_from(&effects).is_empty(), "the outbox was read with everything: {effects:?}");
    assert!(!says(&mut tab, 2, Say::Want).contains(&Effect::LeaveClient));
}

#[test]
fn a_leader_that_goes_its_own_way_goes_on_from_the_cursor_of_the_store() {
    let (mut tab, _) = leads(guest_at(5));
    let effects = tab.give(Input::Mute("it is closed".into()));
    let cursor = effects.iter().find_map(|effect| match effect {
        Effect::StartClient { saved, .. } => Some(saved.cursor),
        _ => None,
    });
    assert_eq!(cursor, Some(5));
}

#[test]
fn a_store_that_is_cleared_before_it_is_read_takes_no_epoch_back() {
    let mut tab = follower();
    let claim = op_of(&tab.give(Input::LockGranted));
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    let nothing = Ok(Contents { epoch: 0, records: Vec::new() });
    let run = run_of(&tab.give(Input::Read(read, nothing)));
    let effects = tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    let epoch = effects.iter().find_map(|effect| match effect {
        Effect::Commit { epoch, .. } => Some(*epoch),
        _ => None,
    });
    assert_eq!(epoch, Some(2));
}

#[test]
fn a_leader_counts_on_from_a_store_that_was_cleared_and_has_a_feed_again() {
    let mut tab = follower();
    for number in 1..=3 {
        tells(&mut tab, 1, number, &format!("m{number}"));
    }
    let run = run_of(&tab.lead(2, [guest_at(4), feed(&[(1, "m4")])].concat()));
    assert_eq!(position_of_next(&mut tab, run), key(2));
}

#[test]
fn a_tab_that_was_overtaken_as_it_claimed_goes_back_too() {
    let mut tab = told_from_memory();
    let claim = op_of(&tab.give(Input::LockGranted));
    let read = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    let mut effects = reads(&mut tab, read, 3, &[]);
    // C leads by now, and gives the first position to another message, which this tab does not hear of.
    let say = Say::Beat { head: 1, state: Saying::Open, because: Because::LeaderSilent };
    effects.extend(hears(&mut tab, "C", 3, say));
    assert_eq!(read_from(&effects), [key(1)], "{effects:?}");
}

#[test]
fn a_tab_that_reads_the_store_to_lead_hears_of_a_newer_epoch_by_another_read() {
    let mut tab = follower();
    let behind = op_of(&tells(&mut tab, 1, 2, "m2"));
    let claim = op_of(&tab.give(Input::LockGranted));
    let all = op_of(&tab.give(Input::EpochRaised(claim, Ok(2))));
    reads(&mut tab, behind, 3, &[]);
    reads(&mut tab, all, 3, &[]);
    assert!(!tab.machine.leads(), "the epoch is another tab's");
}

#[test]
fn a_leader_says_every_two_seconds_that_it_lives_and_looks_into_the_outbox_every_thirty() {
    let (mut tab, effects) = leads(guest_at(0));
    let lives = |effects: &[Effect]| matches!(posted(effects)[..], [Say::Beat { .. }]);
    assert!(lives(&effects));
    let mut effects = Vec::new();
    for beat in 1..=15 {
        effects = rests_for(&mut tab, Duration::from_secs(2));
        assert!(lives(&effects), "{effects:?}");
        assert_eq!(!read_from(&effects).is_empty(), beat == 15, "{beat}");
    }
    let nothing = Ok(Contents { epoch: 2, records: Vec::new() });
    assert_eq!(tab.give(Input::Read(op_of(&effects), nothing)), []);
    tab.now += Duration::from_secs(2);
    let effects = tab.give(Input::Tick);
    assert!(lives(&effects) && read_from(&effects).is_empty(), "{effects:?}");
}

#[test]
fn a_leader_that_beats_late_by_more_than_a_beat_looks_into_the_outbox() {
    for (millis, reads) in [(3_999, vec![]), (4_000, vec!["outbox/"])] {
        let (mut tab, _) = leads(guest_at(0));
        // The input itself takes a millisecond.
        tab.now += Duration::from_millis(millis);
        assert_eq!(read_from(&tab.give(Input::Tick)), reads, "{millis}");
    }
}

#[test]
fn a_leader_says_at_once_what_its_session_does() {
    let (mut tab, effects) = leads(guest_at(0));
    let effects = tab.give(Input::Client(run_of(&effects), FromClient::State(State::Open)));
    let beat = Say::Beat { head: 0, state: Saying::Open, because: Because::LeaderLeft };
    assert_eq!(posted(&effects), [beat]);
}
