//! What one tab shows of the feed, asks for, goes back to and gives up: bare effects.

use std::time::Duration;

use holdline_client::core::coordinator::message::Say;
use holdline_client::core::coordinator::{Effect, Input, Life};
use holdline_client::tabs::Contents;
use holdline_client::{Event, Instant, Notice};

use super::one_tab::{
    Tab, asked, beats, busy, follower, gaps, key, later, message, op_of, read_from, reads, says,
    shown, tells, tells_unsaved, told_from_memory, wakes,
};

/// So many times the leader is asked for what is missing, and says only that it lives.
fn asks_in_vain(
    tab: &mut Tab,
    times: usize,
    (epoch, head): (u64, u64),
    mut effects: Vec<Effect>,
) -> Vec<Effect> {
    for _ in 0..times {
        effects = reads(tab, op_of(&effects), epoch, &[]);
        assert_eq!((asked(&effects).len(), gaps(&effects)), (1, vec![]));
        beats(tab, epoch, head);
        effects = later(tab);
    }
    effects
}

#[test]
fn what_comes_in_turn_is_shown_and_nothing_is_read() {
    let mut tab = follower();
    let first = tells(&mut tab, 1, 1, "m1");
    assert_eq!(first, [Effect::Publish(Event::Inbound(message("m1")))]);
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
    assert_eq!(
        effects,
        [
            Effect::Publish(Event::Inbound(message("m3"))),
            Effect::Publish(Event::Inbound(message("m4")))
        ]
    );
    assert_eq!(reads(&mut tab, read, 1, &[(5, "m5")]), [], "it has ended before");
}

#[test]
fn a_beat_beyond_what_was_shown_is_a_reason_to_read() {
    let mut tab = follower();
    tells(&mut tab, 1, 1, "m1");
    let effects = beats(&mut tab, 1, 2);
    assert_eq!(read_from(&effects), [key(2)]);
    let effects = reads(&mut tab, op_of(&effects), 1, &[(2, "m2")]);
    assert_eq!(effects, [Effect::Publish(Event::Inbound(message("m2")))]);
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
        assert_eq!(tells(&mut tab, 1, number, id), [Effect::Publish(Event::Inbound(message(id)))]);
        assert_eq!(tells(&mut tab, 1, number, id), []);
    }
    assert_eq!(tells(&mut tab, 1, 3, "m3"), [Effect::Publish(Event::Inbound(message("m3")))]);
    let nameless = |number| Say::Feed { number, message: message(""), unsaved: false };
    assert_eq!(says(&mut tab, 1, nameless(3)), [], "without an id its position is all there is");
    assert_eq!(says(&mut tab, 1, nameless(4)), [Effect::Publish(Event::Inbound(message("")))]);
    assert_eq!(says(&mut tab, 1, nameless(5)), [Effect::Publish(Event::Inbound(message("")))]);
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
    let effects = beats(&mut tab, 1, 3);
    let effects = asks_in_vain(&mut tab, 6, (1, 3), effects);
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((gaps(&effects), asked(&effects)), (vec![(0, 4)], vec![]));
    assert_eq!(tells(&mut tab, 1, 4, "m4"), [Effect::Publish(Event::Inbound(message("m4")))]);
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
    let effects = asks_in_vain(&mut tab, 6, (1, 2), effects);
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
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 6, (1, 2), effects);
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
    let busy = Err(busy());
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
    let effects = beats(&mut tab, 1, u64::MAX);
    let effects = asks_in_vain(&mut tab, 6, (1, u64::MAX), effects);
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
    let effects = tells(&mut tab, 1, 10, "m10");
    let effects = asks_in_vain(&mut tab, 6, (1, 10), effects);
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m10"], vec![(7, 10)]));
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
    assert_eq!(tells(&mut tab, 2, 3, "m3"), [Effect::Publish(Event::Inbound(message("m3")))]);
    // And how often the one before was asked for what was missing.
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 6, (1, 2), effects);
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![], vec![]));
    let effects = tells(&mut tab, 2, 2, "m2");
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((asked(&effects), gaps(&effects)), (vec![0], vec![]));
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
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 5, (1, 2), effects);
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
fn what_a_follower_cannot_read_is_told_once() {
    let mut tab = follower();
    let odd = || vec![(key(1), "{}".to_owned())];
    for times in [1, 0] {
        let (read, _) = wakes(&mut tab);
        let effects = tab.give(Input::Read(read, Ok(Contents { epoch: 1, records: odd() })));
        let told = |effect: &&Effect| matches!(effect, Effect::Publish(Event::Notice(Notice::MalformedRecord { key: of, .. })) if *of == key(1));
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

#[test]
fn the_first_of_two_holes_is_passed_and_the_second_is_asked_for_anew() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    tells(&mut tab, 1, 4, "m4");
    let effects = reads(&mut tab, op_of(&effects), 1, &[]);
    let effects = asks_in_vain(&mut tab, 6, (1, 4), effects);
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
    let effects = asks_in_vain(&mut tab, 6, (1, 2), effects);
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
    let effects = later(&mut tab);
    let effects = asks_in_vain(&mut tab, 5, (1, 4), effects);
    let effects = reads(&mut tab, op_of(&effects), 1, &[(1, "m1")]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["m1", "m2", "m4"], vec![(2, 4)]));
}

#[test]
fn the_next_leader_is_asked_as_often_as_the_one_before_for_what_is_missing() {
    let mut tab = follower();
    let effects = tells(&mut tab, 1, 2, "m2");
    let effects = asks_in_vain(&mut tab, 6, (1, 2), effects);
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
    let effects = asks_in_vain(&mut tab, 6, (2, 2), effects);
    let effects = reads(&mut tab, op_of(&effects), 2, &[]);
    assert_eq!((shown(&effects), gaps(&effects)), (vec!["new2"], vec![(0, 2)]));
    assert_eq!(wakes(&mut tab).1, key(1));
    let mut tab = gone_back();
    let effects = tells(&mut tab, 2, 6, "new6");
    let effects = asks_in_vain(&mut tab, 6, (2, 6), effects);
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
