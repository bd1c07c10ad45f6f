//! What a leader records of what its client says, and how much of it is kept.

use std::time::Duration;

use holdline_client::core::coordinator::message::Say;
use holdline_client::core::coordinator::{CoordinatorConfig, Effect, FromClient, Input};
use holdline_client::tabs::Write;
use holdline_client::tabs::records::{SeenRecord, encode};
use holdline_client::{Entry, Event, Instant, Outcome, Wall};
use uuid::Uuid;

use super::one_tab::{
    Tab, busy, guest_at, key, leads, message, no_room, op_of, posted, put, run_of, says, written,
};

fn seen(number: u64) -> String {
    format!("seen/{number:020}")
}

/// The keys of what is to be deleted.
fn deleted(effects: &[Effect]) -> Vec<String> {
    let deleted = written(effects).filter_map(|write| match write {
        Write::Delete { key } => Some(key.clone()),
        _ => None,
    });
    deleted.collect()
}

/// The client remembers that it has shown a message without a number.
fn sees(tab: &mut Tab, run: u64, id: &str) -> Vec<Effect> {
    let entry = Entry::Seen { id: id.into(), at_wall: Wall::new(tab.now) };
    tab.give(Input::Client(run, FromClient::Remember(entry)))
}

fn is_guest(tab: &mut Tab, run: u64, instance: &str) -> Vec<Effect> {
    let (instance, token) = (instance.into(), "another token".into());
    let entry = Entry::Guest { instance, token, expires_at_wall: Wall::default() };
    tab.give(Input::Client(run, FromClient::Remember(entry)))
}

#[test]
fn what_was_seen_of_a_guest_goes_with_it() {
    let record = encode(&SeenRecord { id: "a".into(), at_ms: 0 });
    let (mut tab, effects) = leads([guest_at(5), vec![(seen(1), record)]].concat());
    let run = run_of(&effects);
    let commit = op_of(&sees(&mut tab, run, "b"));
    tab.give(Input::Committed(commit, Ok(vec![seen(2)])));
    // The store has no room for one, and takes it with the next.
    let effects = sees(&mut tab, run, "c");
    has_no_room(&mut tab, &effects);
    let commit = op_of(&sees(&mut tab, run, "d"));
    tab.give(Input::Committed(commit, Ok(vec![seen(3), seen(4)])));
    let effects = is_guest(&mut tab, run, "guest-1");
    assert!(deleted(&effects).is_empty(), "it is the same guest: {effects:?}");
    tab.give(Input::Committed(op_of(&effects), Ok(Vec::new())));
    let effects = is_guest(&mut tab, run, "guest-2");
    let gone = deleted(&effects);
    assert!([1, 2, 4].iter().all(|number| gone.contains(&seen(*number))), "{gone:?}");
    let effects = tab.give(Input::Mute("it is closed".into()));
    let cursor = effects.iter().find_map(|effect| match effect {
        Effect::StartClient { saved, .. } => Some(saved.cursor),
        _ => None,
    });
    assert_eq!(cursor, Some(0), "its conversation is another");
}

/// Leads, and keeps so many of each kind.
fn keeps(most: usize) -> (Tab, u64) {
    let (feed_max, seen_max, settled_max) = (most, most, most);
    let numbers = CoordinatorConfig { feed_max, seen_max, settled_max, ..Default::default() };
    let mut tab = Tab::with_numbers(numbers, Vec::new());
    tab.give(Input::Connect);
    let run = run_of(&tab.lead(1, guest_at(0)));
    (tab, run)
}

fn shows(number: usize) -> FromClient {
    FromClient::Show(message(&format!("m{number}")))
}

/// The store has no room for what is being written, whatever is given up for it.
fn has_no_room(tab: &mut Tab, effects: &[Effect]) -> Vec<Effect> {
    let effects = tab.give(Input::Committed(op_of(effects), Err(no_room())));
    tab.give(Input::Committed(op_of(&effects), Err(no_room())))
}

/// The positions that are told to whoever has shown the feed up to here.
fn told_to(tab: &mut Tab, shown: u64) -> Vec<u64> {
    let told = posted(&says(tab, 1, Say::Hello { shown })).into_iter();
    let told = told.filter_map(|say| match say {
        Say::Feed { number, unsaved: true, .. } => Some(number),
        _ => None,
    });
    told.collect()
}

/// The client says something, and the store takes it: what is deleted with it.
fn records(tab: &mut Tab, run: u64, said: FromClient) -> Vec<String> {
    let effects = tab.give(Input::Client(run, said));
    let commit = op_of(&effects);
    // Only what is appended has a number, and the test appends one at a time.
    tab.give(Input::Committed(commit, Ok(vec![seen(commit)])));
    deleted(&effects)
}

#[test]
fn each_kind_of_record_may_grow_by_a_tenth_before_the_agent_makes_it_shrink() {
    let (mut tab, run) = keeps(20);
    for number in 1..=22 {
        assert!(records(&mut tab, run, shows(number)).is_empty(), "{number}");
    }
    assert_eq!(records(&mut tab, run, shows(23)), [1, 2, 3].map(key));
    for number in 24..=25 {
        assert!(records(&mut tab, run, shows(number)).is_empty(), "{number}");
    }
    assert_eq!(records(&mut tab, run, shows(26)), [4, 5, 6].map(key));
    let settles = |number: u128| FromClient::Settled(Uuid::from_u128(number), Outcome::Delivered);
    let sees = |number: u128| {
        let (id, at_wall) = (format!("s{number}"), Wall::default());
        FromClient::Remember(Entry::Seen { id, at_wall })
    };
    let both: [(&dyn Fn(u128) -> FromClient, &str); 2] = [(&settles, "settled/"), (&sees, "seen/")];
    for (say, prefix) in both {
        let (mut tab, run) = keeps(20);
        for number in 1..=22 {
            assert!(records(&mut tab, run, say(number)).is_empty(), "{prefix} {number}");
        }
        assert!(records(&mut tab, run, shows(1)).is_empty(), "{prefix}");
        assert!(records(&mut tab, run, say(23)).is_empty(), "{prefix}");
        let gone = records(&mut tab, run, shows(2));
        assert_eq!(gone.len(), 3, "{gone:?}");
        assert!(gone.iter().all(|key| key.starts_with(prefix)), "{gone:?}");
    }
}

#[test]
fn what_a_store_has_no_room_for_is_written_after_ten_seconds_or_with_what_comes_sooner() {
    let (mut tab, run) = keeps(500);
    let effects = tab.give(Input::Client(run, shows(1)));
    let effects = has_no_room(&mut tab, &effects);
    assert!(effects.contains(&Effect::Publish(Event::Inbound(message("m1")))), "{effects:?}");
    let owed_at = tab.now + Duration::from_secs(10);
    tab.now = owed_at.saturating_sub(Duration::from_millis(2));
    assert!(put(&tab.give(Input::Tick)).is_empty(), "a millisecond is left");
    assert_eq!(tab.machine.next_deadline(), Some(Instant::new(owed_at)));
    let effects = tab.give(Input::Tick);
    assert_eq!(put(&effects), [key(1)]);
    // There is still no room, and something new need not wait for it.
    has_no_room(&mut tab, &effects);
    let effects = tab.give(Input::Client(run, shows(2)));
    assert_eq!(put(&effects), [1, 2].map(key));
    tab.give(Input::Committed(op_of(&effects), Ok(Vec::new())));
    assert_eq!(put(&tab.give(Input::Client(run, shows(3)))), [key(3)], "nothing is owed any more");
    // When the store has taken a call, it may have room for this, too.
    let (mut tab, run) = keeps(500);
    let effects = tab.give(Input::Client(run, shows(1)));
    has_no_room(&mut tab, &effects);
    let send = Input::Send { id: Uuid::from_u128(7), text: "hello".into() };
    let commit = op_of(&tab.give(send));
    let keys = Ok(vec!["outbox/00000000000000000001".into()]);
    assert_eq!(put(&tab.give(Input::Committed(commit, keys))), [key(1)]);
}

#[test]
fn what_is_new_waits_while_a_store_that_failed_has_its_time() {
    let (mut tab, run) = keeps(500);
    let mut effects = tab.give(Input::Client(run, shows(1)));
    for _ in 0..2 {
        effects = tab.give(Input::Committed(op_of(&effects), Err(busy())));
    }
    assert!(put(&tab.give(Input::Client(run, shows(2)))).is_empty());
    tab.now += Duration::from_millis(250);
    assert_eq!(put(&tab.give(Input::Tick)), [1, 2].map(key));
}

#[test]
fn what_no_store_has_is_told_to_whoever_asks_and_no_more_than_is_kept() {
    let (mut tab, run) = keeps(20);
    for number in 1..=21 {
        let effects = tab.give(Input::Client(run, shows(number)));
        has_no_room(&mut tab, &effects);
    }
    assert_eq!(told_to(&mut tab, 0), (2..=21).collect::<Vec<_>>());
    assert_eq!(told_to(&mut tab, 19), [20, 21]);
    assert!(told_to(&mut tab, 21).is_empty());
    let effects = tab.give(Input::Client(run, shows(22)));
    tab.give(Input::Committed(op_of(&effects), Ok(Vec::new())));
    assert!(told_to(&mut tab, 0).is_empty(), "the store has it all");
}

#[test]
fn what_is_owed_to_a_store_is_bounded_and_the_oldest_is_given_up() {
    let (mut tab, run) = keeps(5_000);
    let effects = tab.give(Input::Client(run, shows(1)));
    for number in 2..=2_001 {
        tab.give(Input::Client(run, shows(number)));
    }
    has_no_room(&mut tab, &effects);
    let written = put(&tab.give(Input::Client(run, shows(2_002))));
    assert_eq!(written, (2..=2_002).map(key).collect::<Vec<_>>());
}
