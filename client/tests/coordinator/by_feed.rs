//! What one tab shows of the feed, asks for, goes back to and gives up: bare effects.

use std::time::Duration;

use holdline_client::core::coordinator::message::{Message, Say, Saying, VERSION};
use holdline_client::core::coordinator::{Effect, FromClient, Input, Life};
use holdline_client::core::outbox::Draft;
use holdline_client::tabs::records::{
    CursorRecord, FeedRecord, GuestRecord, OutboxRecord, SettledRecord, encode,
};
use holdline_client::tabs::{Contents, StoreError, Write};
use holdline_client::{Because, Instant, Notice, Now, Outcome, State, Wall, Why};
use uuid::Uuid;

use super::by_effect::{Tab, message, op_of, run_of};

/// One that follows B in the first epoch, and has read a store without a feed.
fn follower() -> Tab {
    let mut tab = Tab::new(Vec::new());
    let read = op_of(&tab.give(Input::Connect));
    reads(&mut tab, read, 1, &[]);
    beats(&mut tab, 1, 0);
    tab
}

fn says(tab: &mut Tab, epoch: u64, say: Say) -> Vec<Effect> {
    hears(tab, "B", epoch, say)
}

fn hears(tab: &mut Tab, from: &str, epoch: u64, say: Say) -> Vec<Effect> {
    let (scope, name) = ("chat".to_owned(), from.to_owned());
    let told = Message { holdline: VERSION, scope, tab: name, epoch, say };
    tab.give(Input::Heard(serde_json::to_string(&told).expect("plain data")))
}

fn beats(tab: &mut Tab, epoch: u64, head: u64) -> Vec<Effect> {
    let beat = Say::Beat { head, state: Saying::Open, because: Because::First };
    says(tab, epoch, beat)
}

fn tells(tab: &mut Tab, epoch: u64, number: u64, id: &str) -> Vec<Effect> {
    says(tab, epoch, Say::Feed { number, message: message(id), unsaved: false })
}

fn tells_unsaved(tab: &mut Tab, epoch: u64, number: u64, id: &str) -> Vec<Effect> {
    says(tab, epoch, Say::Feed { number, message: message(id), unsaved: true })
}

fn feed(records: &[(u64, &str)]) -> Vec<(String, String)> {
    let record = |id| encode(&FeedRecord { message: message(id) });
    records.iter().map(|(number, id)| (key(*number), record(id))).collect()
}

/// A read of the feed ends.
fn reads(tab: &mut Tab, op: u64, epoch: u64, records: &[(u64, &str)]) -> Vec<Effect> {
    tab.give(Input::Read(op, Ok(Contents { epoch, records: feed(records) })))
}

fn key(number: u64) -> String {
    format!("feed/{number:020}")
}

fn shown(effects: &[Effect]) -> Vec<&str> {
    let shown = effects.iter().filter_map(|effect| match effect {
        Effect::Show(message) => Some(&*message.id),
        _ => None,
    });
    shown.collect()
}

/// Where the reads of the feed begin.
fn read_from(effects: &[Effect]) -> Vec<&str> {
    let read = effects.iter().filter_map(|effect| match effect {
        Effect::Read { from, .. } => Some(&**from),
        _ => None,
    });
    read.collect()
}

/// What the leader is asked for lies behind these.
fn asked(effects: &[Effect]) -> Vec<u64> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Post(text) => match serde_json::from_str::<Message>(text).ok()?.say {
            Say::Hello { shown } => Some(shown),
            _ => None,
        },
        _ => None,
    });
    asked.collect()
}

fn gaps(effects: &[Effect]) -> Vec<(u64, u64)> {
    let gaps = effects.iter().filter_map(|effect| match effect {
        Effect::Notice(Notice::SequenceGap { after, before }) => Some((*after, *before)),
        _ => None,
    });
    gaps.collect()
}

/// Half a second passes.
fn later(tab: &mut Tab) -> Vec<Effect> {
    tab.now += Duration::from_millis(500);
    tab.give(Input::Tick)
}

/// Wakes, and so reads the feed: the read, and where it begins.
fn wakes(tab: &mut Tab) -> (u64, String) {
    let effects = tab.give(Input::Life(Life::Wakes));
    (op_of(&effects), read_from(&effects)[0].to_owned())
}

#[test]
fn what_comes_in_turn_is_shown_and_nothing_is_read() {
    let mut tab = follower();
    let first = tells(&mut tab, 1, 1, "m1");
    assert_eq!(first, [Effect::Show(message("m1"))]);
    assert_eq!(beats(&mut tab, 1, 1), []);
    assert_eq!(tells(&mut tab, 1, 1, "m1"), [], "it is shown once");
}

#[test]
fn what_is_missing_is_read_and_what_came_meanwhile_waits_for_it() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    assert_eq!((shown(&effects), read_from(&effects)), (vec![], vec![&*key(1)]));
    let read = op_of(&effects);
    assert_eq!(tells(&mut tab, 1, 4, "m4"), [], "a read is under way");
    let effects = reads(&mut tab, read, 1, &[(1, "m1")]);
    assert_eq!(shown(&effects), ["m1", "m2"]);
    assert_eq!((read_from(&effects), asked(&effects)), (vec![&*key(3)], vec![]), "once more");
    let read = op_of(&effects);
    let effects = reads(&mut tab, read, 1, &[(3, "m3")]);
    assert_eq!(effects, [Effect::Show(message("m3")), Effect::Show(message("m4"))]);
    assert_eq!(reads(&mut tab, read, 1, &[(5, "m5")]), [], "it has ended before");
}

#[test]
fn a_beat_beyond_what_was_shown_is_a_reason_to_read() {
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    let effects = beats(&mut tab, 1, 2);
    assert_eq!(read_from(&effects), [key(2)]);
    let effects = reads(&mut tab, op_of(&effects), 1, &[(2, "m2")]);
    assert_eq!(effects, [Effect::Show(message("m2"))]);
}

#[test]
fn what_is_held_out_of_turn_is_bounded_and_the_newest_is_let_go() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    for number in 3..=300 {
        tells(&mut tab, 1, number, &format!("m{number}"));
    }
    let effects = reads(&mut tab, op_of(&effects), 1, &[(1, "m1")]);
    let expected: Vec<String> = (1..=257).map(|number| format!("m{number}")).collect();
    assert_eq!(shown(&effects), expected);
    assert_eq!(read_from(&effects), [key(258)], "the store has the others");
}

#[test]
fn a_message_is_known_by_its_id_until_so_many_came_after_it() {
    let mut tab = follower();
    for number in 1..=4_097 {
        let id = format!("m{number}");
        assert_eq!(shown(&tells(&mut tab, 1, number, &id)), [id]);
    }
    assert_eq!(tells(&mut tab, 1, 9, "m4097"), []);
    assert_eq!(tells(&mut tab, 1, 9, "m2"), []);
    assert_eq!(shown(&tells(&mut tab, 1, 9, "m1")), ["m1"], "it has been forgotten");
    assert_eq!(shown(&tells(&mut tab, 1, 9, "m2")), ["m2"], "and so has the next");
}

#[test]
fn a_new_message_under_a_number_that_was_shown_is_shown_once() {
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    tells(&mut tab, 1, 2, "m2");
    for (number, id) in [(2, "new2"), (1, "new1")] {
        assert_eq!(tells(&mut tab, 1, number, id), [Effect::Show(message(id))]);
        assert_eq!(tells(&mut tab, 1, number, id), []);
    }
    assert_eq!(tells(&mut tab, 1, 3, "m3"), [Effect::Show(message("m3"))]);
    let nameless = |number| Say::Feed { number, message: message(""), unsaved: false };
    assert_eq!(says(&mut tab, 1, nameless(3)), [], "without an id its position is all there is");
    assert_eq!(says(&mut tab, 1, nameless(4)), [Effect::Show(message(""))]);
    assert_eq!(says(&mut tab, 1, nameless(5)), [Effect::Show(message(""))]);
}

#[test]
fn a_hole_is_passed_when_the_leader_was_asked_and_heard_often_enough() {
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    let mut effects = tells(&mut tab, 1, 4, "m4");
    for _ in 0..6 {
        effects = reads(&mut tab, op_of(&effects), 1, &[]);
        assert_eq!((asked(&effects), gaps(&effects)), (vec![1], vec![]));
        let retry_at = Instant::new(tab.now + Duration::from_millis(500));
        assert_eq!(beats(&mut tab, 1, 4), [], "it waits");
        assert_eq!(beats(&mut tab, 1, 4), [], "it counts how often it has asked, too");
        assert_eq!(tab.machine.next_deadline(), Some(retry_at));
        tab.now += Duration::from_millis(496);
        assert!(read_from(&tab.give(Input::Tick)).is_empty(), "499 ms have passed");
        effects = tab.give(Input::Tick);
        assert_eq!(read_from(&effects), [key(2)]);
    }
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((gaps(&effects), shown(&effects)), (vec![(1, 4)], vec!["m4"]));
    assert!(asked(&effects).is_empty(), "nothing more is missing");
    assert!(tab.machine.next_deadline() > Some(Instant::new(tab.now + Duration::from_secs(1))));
    // Whoever leads next may give the positions again.
    let (read, from) = wakes(&mut tab);
    assert_eq!(from, key(2));
    let effects = reads(&mut tab, read, 2, &[(2, "m2"), (3, "m3")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m2", "m3"], vec![]));
}

#[test]
fn a_hole_at_the_end_is_passed_up_to_where_the_feed_ends() {
    let mut tab = follower();
    let mut effects = beats(&mut tab, 1, 3);
    for _ in 0..6 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 3);
        effects = later(&mut tab);
    }
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((gaps(&effects), asked(&effects)), (vec![(0, 4)], vec![]));
    assert_eq!(tells(&mut tab, 1, 4, "m4"), [Effect::Show(message("m4"))]);
}

#[test]
fn a_hole_is_not_passed_while_the_leader_is_silent() {
    let mut tab = follower();
    let mut effects = tells(&mut tab, 1, 2, "m2");
    for _ in 0..20 {
        effects = reads(&mut tab, op_of(&effects), 1, &[]);
        assert_eq!((asked(&effects), gaps(&effects)), (vec![0], vec![]));
        effects = later(&mut tab);
    }
    // It speaks again: six times, and no fewer.
    for _ in 0..6 {
        effects = reads(&mut tab, op_of(&effects), 1, &[]);
        assert!(gaps(&effects).is_empty());
        beats(&mut tab, 1, 2);
        effects = later(&mut tab);
    }
    assert_eq!(gaps(&reads(&mut tab, op_of(&effects), 1, &[])), [(0, 2)]);
}

#[test]
fn a_leader_that_was_asked_once_may_speak_as_often_as_it_likes() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    reads(&mut tab, op_of(&effects), 1, &[]);
    for _ in 0..20 {
        beats(&mut tab, 1, 2);
    }
    let effects = later(&mut tab);
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![0], vec![]));
}

#[test]
fn the_next_hole_is_asked_for_anew() {
    let mut tab = follower();
    let mut effects = tells(&mut tab, 1, 2, "m2");
    for _ in 0..6 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 2);
        effects = later(&mut tab);
    }
    // In the last moment the store has it.
    let effects = reads(&mut tab, op_of(&effects), 1, &[(1, "m1")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m1", "m2"], vec![]));
    let effects = tells(&mut tab, 1, 4, "m4");
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![2], vec![]));
    // The leader itself can fill it.
    assert_eq!(shown(&tells(&mut tab, 1, 3, "m3")), ["m3", "m4"]);
    let effects = later(&mut tab);
    assert_eq!(reads(&mut tab, op_of(&effects), 1, &[]), []);
}

#[test]
fn a_read_that_fails_is_made_again_and_asks_nobody() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let busy = Err(StoreError::Unavailable("it is busy".into()));
    assert_eq!(tab.give(Input::Read(op_of(&effects), busy)), []);
    assert_eq!(tells(&mut tab, 1, 3, "m3"), [], "it is to be read in a moment");
    let retry_at = Instant::new(tab.now + Duration::from_millis(499));
    assert_eq!(tab.machine.next_deadline(), Some(retry_at));
    let effects = later(&mut tab);
    assert_eq!(read_from(&effects), [key(1)]);
    assert_eq!(shown(&reads(&mut tab, op_of(&effects), 1, &[(1, "m1")])), ["m1", "m2", "m3"]);
}

#[test]
fn a_read_that_comes_sooner_takes_the_place_of_the_one_to_come() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    reads(&mut tab, op_of(&effects), 1, &[]);
    let (read, _) = wakes(&mut tab);
    reads(&mut tab, read, 1, &[(1, "m1")]);
    assert!(read_from(&later(&mut tab)).is_empty());
}

#[test]
fn positions_beyond_reason_are_neither_held_nor_waited_for() {
    let mut tab = follower();
    assert_eq!(tells(&mut tab, 1, 100_001, "far"), []);
    assert_eq!(tells(&mut tab, 1, u64::MAX, "far"), []);
    assert_eq!(read_from(&tells(&mut tab, 1, 100_000, "not so far")), [key(1)]);
    let mut tab = follower();
    let mut effects = beats(&mut tab, 1, u64::MAX);
    for _ in 0..6 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, u64::MAX);
        effects = later(&mut tab);
    }
    assert_eq!(gaps(&reads(&mut tab, op_of(&effects), 1, &[])), [(0, 100_001)]);
}

#[test]
fn what_the_store_has_pruned_is_told_to_whoever_has_shown_what_was_before_it() {
    let mut tab = Tab::new(Vec::new());
    let read = op_of(&tab.give(Input::Connect));
    let effects = reads(&mut tab, read, 1, &[(2, "m2")]);
    assert_eq!(
        (shown(&effects), gaps(&effects)),
        (vec!["m2"], vec![]),
        "a new page missed nothing"
    );
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    tells(&mut tab, 1, 2, "m2");
    let (read, _) = wakes(&mut tab);
    let effects = reads(&mut tab, read, 1, &[(4, "m4"), (5, "m5")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m4", "m5"], vec![(2, 4)]));
    assert!(asked(&effects).is_empty());
}

#[test]
fn what_was_held_before_the_first_in_the_store_is_let_go_and_what_lies_behind_it_is_not() {
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    let effects = tells(&mut tab, 1, 3, "m3");
    tells(&mut tab, 1, 7, "m7");
    let effects = reads(&mut tab, op_of(&effects), 1, &[(6, "m6")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m6", "m7"], vec![(1, 6)]));
    assert_eq!(read_from(&effects), [key(8)]);
    reads(&mut tab, op_of(&effects), 1, &[]);
    let mut effects = tells(&mut tab, 1, 10, "m10");
    for _ in 0..6 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 10);
        effects = later(&mut tab);
    }
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m10"], vec![(7, 10)]));
}

/// It was told three positions that no store had.
fn told_from_memory() -> Tab {
    let mut tab = follower();
    for (number, id) in [(1, "m1"), (2, "m2"), (3, "m3")] {
        assert_eq!(shown(&tells_unsaved(&mut tab, 1, number, id)), [id]);
    }
    tab
}

#[test]
fn a_tab_reads_again_from_where_the_store_had_no_room_until_it_has() {
    let mut tab = told_from_memory();
    let (read, from) = wakes(&mut tab);
    assert_eq!(from, key(1));
    assert_eq!(reads(&mut tab, read, 1, &[(1, "m1")]), [], "nothing is missing, nothing is new");
    assert_eq!(shown(&tells(&mut tab, 1, 4, "m4")), ["m4"], "stored, and so is what was before it");
    assert_eq!(wakes(&mut tab).1, key(5));
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    tells(&mut tab, 1, 2, "m2");
    tells_unsaved(&mut tab, 1, 3, "m3");
    assert_eq!(wakes(&mut tab).1, key(3));
}

#[test]
fn with_the_next_leader_a_tab_goes_back_to_what_no_store_had() {
    let mut tab = told_from_memory();
    let (read, _) = wakes(&mut tab);
    let effects = reads(&mut tab, read, 2, &[(1, "new1")]);
    assert_eq!((shown(&effects), gaps(&effects), asked(&effects)), (vec!["new1"], vec![], vec![]));
    assert_eq!(shown(&tells(&mut tab, 2, 2, "new2")), ["new2"]);
    assert_eq!(tells(&mut tab, 2, 3, "m3"), [], "it was shown before");
    assert_eq!(shown(&tells(&mut tab, 2, 4, "m4")), ["m4"]);
    // What a store pruned meanwhile is missing only where nothing was shown before.
    for (first, told) in [(3, vec![]), (4, vec![]), (5, vec![(3, 5)]), (6, vec![(3, 6)])] {
        let mut tab = told_from_memory();
        let (read, _) = wakes(&mut tab);
        let effects = reads(&mut tab, read, 2, &[(first, "new")]);
        assert_eq!((shown(&effects), gaps(&effects), asked(&effects)), (vec!["new"], told, vec![]));
    }
}

#[test]
fn a_tab_that_went_back_is_not_put_forward_by_the_leader_after_the_next() {
    let mut tab = told_from_memory();
    let (read, _) = wakes(&mut tab);
    let effects = reads(&mut tab, read, 2, &[]);
    assert!(asked(&effects).is_empty(), "the next leader has told nothing yet");
    let again = op_of(&effects);
    assert_eq!(reads(&mut tab, again, 2, &[]), []);
    let (read, from) = wakes(&mut tab);
    assert_eq!(from, key(1));
    let effects = reads(&mut tab, read, 3, &[(1, "new1")]);
    assert_eq!((shown(&effects), asked(&effects)), (vec!["new1"], vec![]));
    // Nor by what that leader told from memory and this tab could not show yet.
    let mut tab = told_from_memory();
    let (read, _) = wakes(&mut tab);
    let again = op_of(&reads(&mut tab, read, 2, &[]));
    reads(&mut tab, again, 2, &[]);
    let read = op_of(&tells_unsaved(&mut tab, 2, 5, "held"));
    let effects = reads(&mut tab, read, 3, &[(1, "new1")]);
    assert_eq!((shown(&effects), asked(&effects)), (vec!["new1"], vec![]));
}

#[test]
fn what_another_epoch_left_unfinished_is_forgotten() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 3, "old3");
    let effects = reads(&mut tab, op_of(&effects), 2, &[(1, "m1"), (2, "m2")]);
    assert_eq!((shown(&effects), asked(&effects)), (vec!["m1", "m2"], vec![]));
    assert!(read_from(&effects).is_empty(), "it has not gone back");
    assert_eq!(tells(&mut tab, 2, 3, "m3"), [Effect::Show(message("m3"))]);
    // And how often the one before was asked for what was missing.
    let mut tab = follower();
    let mut effects = tells(&mut tab, 1, 2, "m2");
    for _ in 0..6 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 2);
        effects = later(&mut tab);
    }
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![], vec![]));
    let effects = tells(&mut tab, 2, 2, "m2");
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![0], vec![]));
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
fn whoever_leads_says_where_the_feed_ends_before_it_has_read_it() {
    let mut tab = follower();
    beats(&mut tab, 1, 9);
    let claim = op_of(&tab.give(Input::LockGranted));
    let effects = tab.give(Input::Claimed(claim, Ok(2)));
    let head = effects.iter().find_map(|effect| match effect {
        Effect::Post(text) => match serde_json::from_str::<Message>(text).ok()?.say {
            Say::Beat { head, .. } => Some(head),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(head, Some(9));
}

#[test]
fn a_page_that_slept_reads_anew_and_owes_nothing_to_what_was_under_way() {
    let mut tab = follower();
    let read = op_of(&tells(&mut tab, 1, 2, "m2"));
    tells(&mut tab, 1, 3, "m3");
    tab.give(Input::Life(Life::Sleeps));
    assert_eq!(tab.machine.next_deadline(), None);
    let (again, from) = wakes(&mut tab);
    assert_eq!(from, key(1), "whoever was to answer may have gone");
    assert_eq!(reads(&mut tab, read, 1, &[(1, "late")]), []);
    let effects = reads(&mut tab, again, 1, &[(1, "m1")]);
    assert_eq!((shown(&effects), read_from(&effects)), (vec!["m1", "m2", "m3"], vec![]));
    // It was about to read once more, and had asked as often as it does.
    let mut tab = follower();
    let mut effects = tells(&mut tab, 1, 2, "m2");
    for _ in 0..5 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 2);
        effects = later(&mut tab);
    }
    reads(&mut tab, op_of(&effects), 1, &[]);
    beats(&mut tab, 1, 2);
    tab.give(Input::Life(Life::Sleeps));
    let (read, _) = wakes(&mut tab);
    let effects = reads(&mut tab, read, 1, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![0], vec![]));
}

#[test]
fn a_page_that_sleeps_forgets_when_it_was_to_read_again() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    reads(&mut tab, op_of(&effects), 1, &[]);
    tab.give(Input::Disconnect);
    assert_eq!(tab.machine.next_deadline(), None);
    assert_eq!(later(&mut tab), []);
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

#[test]
fn what_a_follower_cannot_read_is_told_once() {
    let mut tab = follower();
    let odd = || vec![(key(1), "{}".to_owned())];
    for times in [1, 0] {
        let (read, _) = wakes(&mut tab);
        let effects = tab.give(Input::Read(read, Ok(Contents { epoch: 1, records: odd() })));
        let told = |effect: &&Effect| matches!(effect, Effect::Notice(Notice::MalformedRecord { key: of, .. }) if *of == key(1));
        assert_eq!(effects.iter().filter(told).count(), times);
    }
}

#[test]
fn a_read_that_began_behind_where_the_tab_has_gone_back_to_is_made_again() {
    let mut tab = follower();
    for number in 1..=3 {
        tells(&mut tab, 1, number, &format!("m{number}"));
    }
    let (read, from) = wakes(&mut tab);
    assert_eq!(from, key(4));
    tells_unsaved(&mut tab, 1, 2, "m2");
    let effects = reads(&mut tab, read, 2, &[(4, "m4")]);
    assert_eq!((shown(&effects), read_from(&effects)), (vec![], vec![&*key(2)]));
    let effects = reads(&mut tab, op_of(&effects), 2, &[(2, "new2"), (3, "m3"), (4, "m4")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["new2", "m4"], vec![]));
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
    assert!(stored.contains(&Effect::Show(message("next"))), "{stored:?}");
    let place = writes.iter().find_map(|write| match write {
        Write::Put { key, .. } if key.starts_with("feed/") => Some(key.clone()),
        _ => None,
    });
    place.expect("it has a place")
}

fn guest_at(sequence: u64) -> Vec<(String, String)> {
    let (instance, token) = ("guest-1".to_owned(), "token".into());
    let guest = GuestRecord { instance: instance.clone(), token, expires_at_ms: 2_000_000_000_000 };
    let cursor = CursorRecord { instance, sequence };
    vec![("cursor".into(), encode(&cursor)), ("guest".into(), encode(&guest))]
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
    let full = || Err(StoreError::Full("no room".into()));
    let mut effects = tab.give(Input::Client(run, FromClient::Show(message("m1"))));
    for _ in 0..2 {
        effects = tab.give(Input::Committed(op_of(&effects), full()));
    }
    assert_eq!(shown(&effects), ["m1"]);
    let effects = tab.give(Input::Client(run, FromClient::Show(message("m2"))));
    let fenced = Err(StoreError::Fenced { asked: 2, stored: 3 });
    let effects = tab.give(Input::Committed(op_of(&effects), fenced));
    assert_eq!(read_from(&effects), [key(1)]);
    assert!(!tab.machine.leads());
}

/// A tab that leads in the second epoch from what the store holds.
fn leads(records: Vec<(String, String)>) -> (Tab, Vec<Effect>) {
    let mut tab = follower();
    let effects = tab.lead(2, records);
    (tab, effects)
}

fn deletes(effects: &[Effect]) -> usize {
    let deleted = effects.iter().map(|effect| match effect {
        Effect::Commit { writes, .. } => {
            writes.iter().filter(|write| matches!(write, Write::Delete { .. })).count()
        }
        _ => 0,
    });
    deleted.sum()
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
    let full = Err(StoreError::Full("no room".into()));
    let effects = tab.give(Input::Committed(op_of(&effects), full));
    assert_eq!((deletes(&effects), shown(&effects)), (151, vec![]), "{effects:?}");
}

#[test]
fn a_new_leader_has_four_tries_at_a_store_that_fails() {
    let (mut tab, effects) = leads(guest_at(0));
    let mut effects = tab.give(Input::Client(run_of(&effects), FromClient::Show(message("m"))));
    for left in (0..4).rev() {
        let busy = Err(StoreError::Unavailable("it is busy".into()));
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
    let call = |number: u64| {
        let draft = Draft {
            id: Uuid::from_u128(number.into()),
            text: "x".into(),
            accepted_at: Wall::default(),
        };
        (format!("outbox/{number:020}"), encode(&OutboxRecord::from(&draft)))
    };
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
    let full = Err(StoreError::Full("no room".into()));
    tab.give(Input::Committed(op_of(&effects), full));
    let effects = tab.lead(2, guest_at(0));
    assert_eq!(read_from(&effects), ["outbox/"], "it goes behind what the store has");
    let nothing = Ok(Contents { epoch: 2, records: Vec::new() });
    let effects = tab.give(Input::Read(op_of(&effects), nothing));
    let submitted = |effect: &Effect| matches!(effect, Effect::Submit(draft) if draft.id == id);
    assert!(effects.iter().any(submitted), "{effects:?}");
}

/// Whether a wait for these is told after one for a minute that a follower was told before.
fn is_told(until_ms: u64, why: Why) -> bool {
    let mut tab = follower();
    let mut hears = |until_ms: u64, why: Why| {
        // The clocks of both tabs say the same.
        let until = Wall::new(Duration::from_millis(until_ms));
        let state = Saying::Waiting { until, why };
        let effects = says(&mut tab, 1, Say::Beat { head: 0, state, because: Because::First });
        effects.iter().any(|effect| matches!(effect, Effect::State(State::Waiting { .. })))
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
fn a_record_that_cannot_be_read_is_no_reason_not_to_lead() {
    let odd = vec![(key(1), "{}".to_owned())];
    let (tab, effects) = leads([guest_at(0), odd].concat());
    let told = |effect: &Effect| matches!(effect, Effect::Notice(Notice::MalformedRecord { .. }));
    assert!(effects.iter().any(told), "{effects:?}");
    assert!(tab.machine.leads());
}

fn holder(tab: &Tab) -> Option<String> {
    tab.machine.holder().map(|holder| holder.tab)
}

fn posted(effects: &[Effect]) -> Vec<Say> {
    let posted = effects.iter().filter_map(|effect| match effect {
        Effect::Post(text) => serde_json::from_str::<Message>(text).ok(),
        _ => None,
    });
    posted.map(|message| message.say).collect()
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
    let read = op_of(&tab.give(Input::Claimed(claim, Ok(2))));
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
fn what_is_known_to_exist_is_asked_for_though_an_older_word_comes_after_it() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 4, "m4");
    reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!(tells(&mut tab, 1, 2, "m2"), []);
    assert_eq!(shown(&tells(&mut tab, 1, 1, "m1")), ["m1", "m2"]);
    let effects = later(&mut tab);
    assert_eq!(asked(&reads(&mut tab, op_of(&effects), 1, &[])), [2]);
    let mut tab = follower();
    let effects = beats(&mut tab, 1, 2);
    reads(&mut tab, op_of(&effects), 1, &[]);
    beats(&mut tab, 1, 0);
    let effects = later(&mut tab);
    assert_eq!(asked(&reads(&mut tab, op_of(&effects), 1, &[])), [0]);
}

/// Six times the leader is asked for what is missing, and says only that it lives.
fn asks_in_vain(tab: &mut Tab, epoch: u64, head: u64, mut effects: Vec<Effect>) -> Vec<Effect> {
    for _ in 0..6 {
        effects = reads(tab, op_of(&effects), epoch, &[]);
        assert_eq!((asked(&effects).len(), gaps(&effects)), (1, vec![]));
        beats(tab, epoch, head);
        effects = later(tab);
    }
    effects
}

#[test]
fn the_first_of_two_holes_is_passed_and_the_second_is_asked_for_anew() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    tells(&mut tab, 1, 4, "m4");
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    let effects = asks_in_vain(&mut tab, 1, 4, effects);
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m2"], vec![(0, 2)]));
    assert_eq!(asked(&effects), [0], "what was passed may be given again");
    let effects = later(&mut tab);
    assert!(gaps(&reads(&mut tab, op_of(&effects), 1, &[])).is_empty());
}

#[test]
fn a_hole_that_comes_as_one_was_filled_is_asked_for_anew_and_one_that_was_there_is_not() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 1, 2, effects);
    assert_eq!(shown(&tells(&mut tab, 1, 1, "m1")), ["m1", "m2"]);
    tells(&mut tab, 1, 4, "m4");
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![2], vec![]));
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!(asked(&effects), [0]);
    tells(&mut tab, 1, 4, "m4");
    beats(&mut tab, 1, 4);
    let mut effects = later(&mut tab);
    for _ in 0..5 {
        reads(&mut tab, op_of(&effects), 1, &[]);
        beats(&mut tab, 1, 4);
        effects = later(&mut tab);
    }
    let effects = reads(&mut tab, op_of(&effects), 1, &[(1, "m1")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m1", "m2", "m4"], vec![(2, 4)]));
}

#[test]
fn the_next_leader_is_asked_as_often_as_the_one_before_for_what_is_missing() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 1, 2, effects);
    let effects = reads(&mut tab, op_of(&effects), 2, &[(1, "m1"), (3, "m3")]);
    assert_eq!((shown(&effects), asked(&effects)), (vec!["m1"], vec![1]));
    assert!(gaps(&effects).is_empty());
}

/// It was told three positions that no store had, and the next leader has told nothing yet.
fn gone_back() -> Tab {
    let mut tab = told_from_memory();
    let (read, _) = wakes(&mut tab);
    let again = op_of(&reads(&mut tab, read, 2, &[]));
    assert_eq!(reads(&mut tab, again, 2, &[]), []);
    tab
}

#[test]
fn a_tab_that_went_back_stands_where_it_is_and_knows_how_far_it_was() {
    let mut tab = gone_back();
    let (read, _) = wakes(&mut tab);
    reads(&mut tab, read, 3, &[]);
    assert_eq!(wakes(&mut tab).1, key(1), "no leader puts it forward");
    let mut tab = gone_back();
    let read = op_of(&tells_unsaved(&mut tab, 2, 5, "held"));
    let effects = reads(&mut tab, read, 3, &[]);
    assert_eq!(read_from(&effects), [key(1)], "nor what it could not show yet");
    let mut tab = gone_back();
    assert_eq!(shown(&tells(&mut tab, 2, 1, "new1")), ["new1"]);
    let (read, from) = wakes(&mut tab);
    assert_eq!(from, key(2));
    let effects = reads(&mut tab, read, 2, &[(4, "m4")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m4"], vec![]));
    // What has no id is known by its position, and was shown there.
    let nameless = |number| Say::Feed { number, message: message(""), unsaved: true };
    let mut tab = follower();
    assert_eq!(shown(&says(&mut tab, 1, nameless(1))), [""]);
    let (read, _) = wakes(&mut tab);
    reads(&mut tab, read, 2, &[]);
    assert!(shown(&says(&mut tab, 2, nameless(1))).is_empty());
    assert_eq!(shown(&says(&mut tab, 2, nameless(2))), [""]);
}

#[test]
fn a_hole_that_a_tab_went_back_to_is_passed_and_gone_back_to_once_more() {
    let mut tab = gone_back();
    let effects = tells(&mut tab, 2, 2, "new2");
    let effects = asks_in_vain(&mut tab, 2, 2, effects);
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["new2"], vec![(0, 2)]));
    assert_eq!(wakes(&mut tab).1, key(1));
    let mut tab = gone_back();
    let effects = tells(&mut tab, 2, 6, "new6");
    let effects = asks_in_vain(&mut tab, 2, 6, effects);
    assert_eq!(gaps(&reads(&mut tab, op_of(&effects), 2, &[])), [(0, 6)]);
}

#[test]
fn what_a_read_should_have_begun_with_is_read_though_the_leader_is_the_same() {
    let mut tab = follower();
    for number in 1..=3 {
        tells(&mut tab, 1, number, &format!("m{number}"));
    }
    let (read, _) = wakes(&mut tab);
    tells_unsaved(&mut tab, 1, 2, "m2");
    let effects = reads(&mut tab, read, 1, &[(4, "m4")]);
    assert_eq!(read_from(&effects), [key(2)]);
    assert_eq!(shown(&reads(&mut tab, op_of(&effects), 1, &[(4, "m4")])), ["m4"]);
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
    let read = op_of(&tab.give(Input::Claimed(claim, Ok(2))));
    let mut effects = reads(&mut tab, read, 3, &[]);
    // C leads by now, and gives the first position to another message, which this tab does not hear of.
    let say = Say::Beat { head: 1, state: Saying::Open, because: Because::LeaderSilent };
    effects.extend(hears(&mut tab, "C", 3, say));
    assert_eq!(read_from(&effects), [key(1)], "{effects:?}");
}
