//! The coordinator by example.

use std::time::Duration;

use holdline_client::core::coordinator::{FromClient, Input, Life};
use holdline_client::tabs::Write;
use holdline_client::{Because, Call, Entry, Inbound, Outcome, State, Wall};
use uuid::Uuid;

use super::world::{Arrival, WALL, World};

#[test]
fn tutorial() {
    // Two tabs of one browser; the user looks at the first.
    let mut world = World::new(2);
    world.focus(0);
    world.give(0, Input::Connect);
    world.give(1, Input::Connect);
    world.run(Duration::from_secs(3));
    // One of them leads, and what the agent says is shown by both.
    assert_eq!(world.leaders(), [0]);
    world.agent_says();
    world.run(Duration::from_millis(1));
    assert_eq!(world.tabs[0].shown, ["a1"]);
    assert_eq!(world.tabs[1].shown, ["a1"]);
    // What the follower sends is stored, delivered by the leader, and told where it was sent.
    let id = world.send(1);
    world.run(Duration::from_millis(1));
    assert_eq!(world.tabs[1].accepted, [id]);
    assert_eq!(world.tabs[1].settled.len(), 1);
    // The user looks at the other tab, and the connection follows.
    world.focus(1);
    world.give(1, Input::Life(Life::Focused));
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [1]);
    assert_eq!(world.guests, 1);
}

/// Two tabs, of which A leads and has the focus.
fn two_tabs() -> World {
    let mut world = World::new(2);
    world.focus(0);
    world.give(0, Input::Connect);
    world.give(1, Input::Life(Life::Shown));
    world.give(1, Input::Connect);
    world.run(Duration::from_secs(3));
    assert_eq!(world.leaders(), [0]);
    world
}

/// The user looks at B, and A has stopped for it; B does not know yet.
fn a_has_stopped_for_b() -> World {
    let mut world = two_tabs();
    world.focus(1);
    while !world.leaders().is_empty() {
        match world.arrivals().into_iter().next() {
            Some(arrival) => world.arrive(&arrival),
            None => drop(world.pass(Duration::from_millis(500))),
        }
    }
    world
}

fn posted(tab: &str, epoch: u64, say: &str) -> Input {
    let text =
        format!(r#"{{"holdline":1,"scope":"chat","tab":"{tab}","epoch":{epoch},"say":{say}}}"#);
    Input::Heard(text)
}

#[test]
fn what_is_not_ours_on_the_channel_is_ignored_and_told_once() {
    let mut world = two_tabs();
    for text in [
        "hello",
        "[1, 2]",
        r#"{"type":"FOCUS_LOST"}"#,
        r#"{"holdline":2,"scope":"chat","tab":"B","epoch":9,"say":"bye"}"#,
        r#"{"holdline":1,"scope":"shop","tab":"B","epoch":9,"say":"bye"}"#,
        r#"{"holdline":1,"scope":"chat","tab":"B","epoch":1,"say":{"dance":{}}}"#,
    ] {
        world.give(1, Input::Heard(text.into()));
    }
    let told: Vec<String> = world.tabs[1].notices.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["channel message ignored: not JSON: another script's"]);
    world.give(1, Input::Heard("x".repeat(300 * 1024)));
    world.agent_says();
    world.run(Duration::from_secs(11));
    assert_eq!(world.tabs[1].shown, ["a1"], "it goes on");
    world.give(
        1,
        Input::Heard(r#"{"holdline":2,"scope":"chat","tab":"B","epoch":9,"say":"bye"}"#.into()),
    );
    let told = world.tabs[1].notices.last().map(ToString::to_string);
    let expected = "channel message ignored: version 2, this tab speaks 1: reload it";
    assert_eq!(told.as_deref(), Some(expected));
}

#[test]
fn an_epoch_is_believed_only_when_the_store_names_it() {
    let mut world = two_tabs();
    let beat = r#"{"beat":{"head":99,"state":"open","because":"first"}}"#;
    for tab in [0, 1] {
        world.give(tab, posted("Z", 77, beat));
    }
    world.run(Duration::from_secs(30));
    assert_eq!(world.leaders(), [0], "a forged epoch deposes nobody");
    assert_eq!(world.tabs[1].machine.holder().map(|holder| holder.tab), Some("A".into()));
    world.agent_says();
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[1].shown, ["a1"]);
}

#[test]
fn a_position_beyond_reason_holds_nobody_up() {
    let mut world = two_tabs();
    let most = u64::MAX;
    let message = r#"{"id":"x","sequence":1,"text":"far"}"#;
    world
        .give(1, posted("A", 1, &format!(r#"{{"feed":{{"number":{most},"message":{message}}}}}"#)));
    let beat = format!(r#"{{"beat":{{"head":{most},"state":"open","because":"first"}}}}"#);
    world.give(1, posted("A", 1, &beat));
    world.give(0, posted("B", 1, &format!(r#"{{"hello":{{"shown":{most}}}}}"#)));
    world.run(Duration::from_secs(60));
    world.agent_says();
    world.run(Duration::from_secs(60));
    assert_eq!(world.tabs[0].shown, ["a1"]);
}

#[test]
fn what_an_older_leader_says_is_ignored() {
    let mut world = two_tabs();
    world.focus(1);
    world.run(Duration::from_secs(2));
    assert_eq!(world.leaders(), [1]);
    let feed = r#"{"feed":{"number":1,"message":{"id":"x","sequence":1,"text":"old"}}}"#;
    world.give(1, posted("A", 1, feed));
    world.give(1, posted("A", 1, r#"{"yield":{"to":"B"}}"#));
    world.give(1, posted("A", 1, r#""bye""#));
    world.run(Duration::from_secs(1));
    assert!(world.tabs[1].shown.is_empty());
    assert_eq!(world.leaders(), [1]);
}

#[test]
fn a_silent_leader_is_asked_before_it_is_robbed() {
    let mut world = two_tabs();
    world.give(0, Input::Life(Life::Blurred));
    world.tabs[0].frozen = true;
    world.run(Duration::from_millis(2_900));
    assert_eq!(world.leaders(), [0], "not yet");
    world.run(Duration::from_millis(2_100));
    assert_eq!(world.leaders(), [0, 1], "within five seconds; the frozen one knows nothing yet");
    world.tabs[0].frozen = false;
    world.give(0, Input::Life(Life::Wakes));
    world.run(Duration::from_secs(3));
    assert_eq!(world.leaders(), [1], "it stops when it hears");
}

#[test]
fn a_page_that_comes_instead_of_the_leader_and_goes_makes_nobody_patient() {
    let mut world = World::new(3);
    for tab in [0, 2, 1] {
        world.give(tab, Input::Life(Life::Shown));
        world.give(tab, Input::Connect);
        world.run(Duration::from_secs(3));
    }
    assert_eq!(world.leaders(), [0]);
    // The lock goes to a tab that sleeps.
    world.tabs[2].frozen = true;
    world.crash(0);
    world.run(Duration::from_millis(1_000));
    world.reload(0);
    world.run(Duration::from_millis(1_500));
    world.give(0, Input::Disconnect);
    world.run(Duration::from_millis(2_500));
    assert_eq!(world.leaders(), [1], "five seconds after the leader died");
}

#[test]
fn a_leader_that_answers_is_never_robbed_however_late_its_timers_are() {
    let mut world = two_tabs();
    // Its own beats do not come, as in a page that was hidden for long; messages do.
    for _ in 0..20 {
        let before = world.now;
        world.now += Duration::from_secs(3);
        world.give(1, Input::Tick);
        world.drain();
        assert!(world.now > before);
        assert_eq!(world.leaders(), [0]);
    }
}

#[test]
fn alt_tab_moves_nothing_and_flapping_moves_nothing() {
    let mut world = two_tabs();
    world.give(0, Input::Life(Life::Blurred));
    world.run(Duration::from_secs(60));
    assert_eq!(world.leaders(), [0]);
    for _ in 0..20 {
        world.focus(1);
        world.run(Duration::from_millis(200));
        world.focus(0);
        world.run(Duration::from_millis(200));
    }
    assert_eq!(world.leaders(), [0]);
    assert_eq!(world.store.raise_epoch(), Ok(2), "nobody has claimed since");
}

#[test]
fn a_tab_that_wanted_and_went_leaves_the_lead_where_it_was() {
    let mut world = a_has_stopped_for_b();
    world.crash(1);
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [0]);
}

#[test]
fn a_call_is_sent_once_however_often_it_is_said() {
    let mut world = two_tabs();
    let id = world.send(1);
    world.run(Duration::from_secs(1));
    for _ in 0..3 {
        world.give(0, posted("B", 1, &format!(r#"{{"call":{{"id":"{id}","unsaved":null}}}}"#)));
        let again = r#"{"text":"again","at":{"secs":1767225601,"nanos":0}}"#;
        world.give(0, posted("B", 1, &format!(r#"{{"call":{{"id":"{id}","unsaved":{again}}}}}"#)));
    }
    world.run(Duration::from_secs(1));
    assert_eq!(world.conversation.len(), 1);
    assert_eq!(world.tabs[1].settled.len(), 1);
}

#[test]
fn a_message_whose_tab_has_gone_is_sent_by_a_leader_that_slept() {
    let mut world = two_tabs();
    world.tabs[0].frozen = true;
    let id = world.send(1);
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[1].accepted, [id]);
    // What was said to the sleeper goes with the tab that said it.
    world.crash(1);
    world.run(Duration::from_secs(20));
    world.tabs[0].frozen = false;
    world.run(Duration::from_secs(1));
    assert_eq!(world.conversation.len(), 1);
}

#[test]
fn a_record_that_cannot_be_read_is_told_and_left_alone() {
    let mut world = World::new(1);
    let odd = Write::Put { key: "outbox/00000000000000000001".into(), value: "{}".into() };
    world.store.commit(0, vec![odd]).expect("written");
    world.give(0, Input::Connect);
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [0]);
    assert!(world.tabs[0].notices.iter().any(|notice| {
        notice.to_string().starts_with("record outbox/00000000000000000001 left alone")
    }));
    let left = world.store.read("outbox/", "outbox/~").expect("readable");
    assert_eq!(left.records.len(), 1);
}

#[test]
fn a_store_of_a_newer_build_is_not_written_and_the_tab_goes_on_alone() {
    let mut world = World::new(1);
    let newer = Write::Put { key: "guest".into(), value: r#"{"v":2,"who":"me"}"#.into() };
    world.store.commit(0, vec![newer]).expect("written");
    world.give(0, Input::Connect);
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[0].machine.holder().map(|holder| holder.because), Some(Because::Alone));
    let told: Vec<String> = world.tabs[0].notices.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|text| text.starts_with("without store") && text.contains("version 2"))
    );
    assert_eq!(world.store.read("guest", "guest~").expect("readable").records.len(), 1);
    let id = world.send(0);
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[0].settled, [(id, Outcome::Delivered)]);
}

#[test]
fn a_full_store_makes_nobody_deaf_and_loses_nothing() {
    let mut world = two_tabs();
    world.store.full = true;
    world.agent_says();
    let id = world.send(1);
    world.run(Duration::from_secs(2));
    for tab in &world.tabs {
        assert_eq!(tab.shown, ["a1"]);
    }
    assert!(world.tabs[1].accepted.is_empty(), "nothing is promised that is not stored");
    assert_eq!(world.tabs[1].settled, [(id, Outcome::Delivered)]);
    world.reload(1);
    world.run(Duration::from_secs(2));
    assert_eq!(world.tabs[1].shown, ["a1"], "the leader tells what no store has");
    world.store.full = false;
    world.run(Duration::from_secs(15));
    world.crash(0);
    world.reload(0);
    world.run(Duration::from_secs(2));
    assert_eq!(world.tabs[0].shown, ["a1"], "what was owed was written when there was room");
}

#[test]
fn a_broken_store_is_given_up_and_told() {
    let mut world = World::new(2);
    world.store.broken = true;
    for tab in 0..2 {
        world.give(tab, Input::Connect);
    }
    world.run(Duration::from_secs(20));
    assert_eq!(world.leaders(), [0, 1], "each has its own");
    for tab in &world.tabs {
        assert!(tab.notices.iter().any(|notice| notice.to_string().starts_with("without store")));
    }
}

#[test]
fn what_is_kept_for_others_is_bounded() {
    let mut world = two_tabs();
    for _ in 0..1_200 {
        world.agent_says();
        world.send(0);
        world.drain();
    }
    world.run(Duration::from_secs(1));
    let kept = |prefix: &str| {
        world.store.read(prefix, &format!("{prefix}~")).expect("readable").records.len()
    };
    assert!((500..=551).contains(&kept("feed/")), "{}", kept("feed/"));
    assert!((500..=551).contains(&kept("settled/")), "{}", kept("settled/"));
    assert_eq!(kept("outbox/"), 0);
    assert_eq!(world.tabs[1].shown.len(), 1_200);
    world.reload(1);
    world.run(Duration::from_secs(1));
    assert!((500..=551).contains(&world.tabs[1].shown.len()), "the last of them");
}

#[test]
fn ids_are_kept_for_thirty_days() {
    let mut world = two_tabs();
    let seen = |world: &World| world.store.read("seen/", "seen/~").expect("ok").records.len();
    let says = |world: &mut World, id: &str| {
        let message = Inbound { id: id.into(), sequence: None, text: String::new() };
        world.client_says(0, FromClient::Show(message));
        let at_wall = world.clock().wall;
        world.client_says(0, FromClient::Remember(Entry::Seen { id: id.into(), at_wall }));
        world.drain();
    };
    says(&mut world, "old");
    assert_eq!(world.tabs[1].shown, ["old"]);
    assert_eq!(seen(&world), 1);
    world.now += Duration::from_hours(31 * 24);
    says(&mut world, "new");
    assert_eq!(seen(&world), 2);
    world.crash(0);
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [1]);
    assert_eq!(seen(&world), 1, "a new leader tidies up");
}

#[test]
fn a_conversation_outlives_a_store_that_was_cleared() {
    let mut world = two_tabs();
    world.send(0);
    world.agent_says();
    world.run(Duration::from_secs(1));
    world.store.clear();
    let first = world.send(1);
    let second = world.send(0);
    world.run(Duration::from_secs(2));
    assert_eq!(world.tabs[1].settled, [(first, Outcome::Delivered)]);
    assert_eq!(world.tabs[0].settled.last(), Some(&(second, Outcome::Delivered)));
    world.crash(0);
    world.agent_says();
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [1]);
    assert_eq!(world.guests, 1, "the guest was written back");
    assert_eq!(world.tabs[1].shown, ["a1", "a2"]);
}

#[test]
fn messages_without_an_id_are_each_shown_in_every_tab() {
    let mut world = World::new(2);
    world.give(0, Input::Connect);
    world.give(1, Input::Connect);
    world.run(Duration::from_secs(3));
    for _ in 0..3 {
        world.agent_says_without_id();
    }
    world.run(Duration::from_millis(1));
    assert_eq!(world.tabs[0].shown.len(), 3);
    assert_eq!(world.tabs[1].shown.len(), 3);
}

#[test]
fn a_tab_that_lost_the_lead_knows_the_new_leader_at_once() {
    let mut world = World::new(2);
    world.give(0, Input::Connect);
    world.give(1, Input::Connect);
    world.run(Duration::from_secs(3));
    assert_eq!(world.leaders(), [0]);
    world.tabs[0].frozen = true;
    world.run(Duration::from_secs(10));
    assert_eq!(world.leaders(), [0, 1], "a frozen tab cannot let go");
    // What was said meanwhile does not reach it.
    for _ in 0..100 {
        world.lose(1, 0);
    }
    world.tabs[0].frozen = false;
    world.drain();
    assert_eq!(world.leaders(), [1]);
    assert_eq!(world.tabs[0].state, State::Open, "it need not wait for the next beat");
}

#[test]
fn a_tab_that_is_given_the_lead_takes_it_though_the_user_has_gone_on() {
    let mut world = a_has_stopped_for_b();
    world.give(1, Input::Life(Life::Hidden));
    world.drain();
    assert_eq!(world.leaders(), [1], "nobody need wait for a timer of A");
}

#[test]
fn a_page_that_comes_instead_of_the_one_that_wanted_holds_nobody_up() {
    let mut world = a_has_stopped_for_b();
    let stopped_at = world.now;
    world.reload(1);
    world.drain();
    assert_eq!(world.leaders(), [0], "A goes on");
    assert_eq!(world.now, stopped_at, "and needs no timer for it");
}

#[test]
fn a_tab_that_wanted_and_leaves_says_so() {
    let mut world = a_has_stopped_for_b();
    let stopped_at = world.now;
    world.give(1, Input::Life(Life::Sleeps));
    world.drain();
    assert_eq!(world.leaders(), [0], "A goes on");
    assert_eq!(world.now, stopped_at, "and needs no timer for it");
}

#[test]
fn what_the_client_says_to_the_last_is_stored_before_the_lead_is_passed_on() {
    let mut world = two_tabs();
    world.focus(1);
    world.pass(Duration::from_millis(250));
    let told = Wall::new(WALL + Duration::from_secs(60));
    while world.leaders() == [0] {
        let arrival = world.arrivals().into_iter().next();
        if let Some(arrival) = &arrival {
            // It has been told to wait just as it is asked to go.
            let wait = Entry::NotBefore { call: Call::Socket, until_wall: told };
            if matches!(arrival, Arrival::Bus { from: 1, to: 0 }) {
                world.client_says(0, FromClient::Remember(wait));
            }
            world.arrive(arrival);
        } else {
            world.pass(Duration::from_millis(500));
        }
    }
    world.drain();
    assert_eq!(world.leaders(), [1]);
    assert_eq!(world.saved(1).waits.not_before.get(&Call::Socket), Some(&told));
}

#[test]
fn a_position_that_no_store_had_is_shown_again_with_its_new_meaning() {
    let mut world = two_tabs();
    world.store.full = true;
    world.agent_says();
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[1].shown, ["a1"]);
    // B sleeps while A dies, and a third page begins from a store that never had it.
    world.tabs[1].frozen = true;
    world.crash(0);
    world.store.full = false;
    world.said[0].id = "another".into();
    world.reload(0);
    world.run(Duration::from_secs(10));
    assert_eq!(world.leaders(), [0]);
    assert_eq!(world.tabs[0].shown, ["another"]);
    world.tabs[1].frozen = false;
    world.run(Duration::from_secs(10));
    assert_eq!(world.tabs[1].shown, ["a1", "another"]);
}

#[test]
fn what_a_leader_without_room_told_a_sleeper_is_shown_before_what_comes_after() {
    let mut world = World::new(3);
    world.focus(0);
    for tab in 0..3 {
        world.give(tab, Input::Connect);
    }
    world.run(Duration::from_secs(3));
    // A tells from memory, and C does not hear it; then A dies.
    world.store.full = true;
    world.tabs[2].frozen = true;
    world.agent_says();
    world.run(Duration::from_secs(1));
    assert_eq!(world.tabs[1].shown, ["a1"]);
    world.lose_all(0, 2);
    world.crash(0);
    // C takes the lead while B sleeps. The same position is another message's now.
    world.tabs[1].frozen = true;
    world.tabs[2].frozen = false;
    world.said[0].id = "a2".into();
    world.run(Duration::from_secs(20));
    assert_eq!(world.leaders(), [2]);
    assert_eq!(world.tabs[2].shown, ["a2"]);
    world.lose_all(2, 1);
    // B wakes, and is told what C has from memory.
    world.tabs[1].frozen = false;
    world.run(Duration::from_secs(3));
    assert_eq!(world.tabs[1].shown, ["a1", "a2"]);
}

#[test]
fn a_call_waits_for_the_one_before_it() {
    let mut world = two_tabs();
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let call = |id: Uuid, after: &str| {
        let at = r#"{"secs":1767225600,"nanos":0}"#;
        format!(r#"{{"call":{{"id":"{id}","unsaved":{{"text":"x","at":{at}{after}}}}}}}"#)
    };
    let after_first = format!(r#","after":"{first}""#);
    world.give(0, posted("B", 1, &call(second, &after_first)));
    world.run(Duration::from_millis(10));
    assert!(world.conversation.is_empty(), "the first was missed");
    world.give(0, posted("B", 1, &call(first, "")));
    world.give(0, posted("B", 1, &call(second, &after_first)));
    world.run(Duration::from_millis(10));
    let sent: Vec<Uuid> = world.conversation.iter().map(|(id, _)| *id).collect();
    assert_eq!(sent, [first, second]);
}

#[test]
fn what_no_store_has_goes_out_in_the_order_of_typing() {
    let mut world = two_tabs();
    world.store.full = true;
    world.tabs[0].frozen = true;
    // Ids are random: their order says nothing.
    let ids = [9, 5, 7].map(Uuid::from_u128);
    for id in ids {
        world.give(1, Input::Send { id, text: "hello".into() });
        world.run(Duration::from_millis(100));
    }
    assert!(world.conversation.is_empty());
    world.crash(0);
    world.run(Duration::from_secs(5));
    let sent: Vec<Uuid> = world.conversation.iter().map(|(id, _)| *id).collect();
    assert_eq!(sent, ids);
}

#[test]
fn a_leader_that_slept_without_a_word_sends_what_was_called_meanwhile() {
    let mut world = two_tabs();
    world.tabs[0].frozen = true;
    let id = world.send(1);
    world.run(Duration::from_millis(100));
    assert_eq!(world.tabs[1].accepted, [id]);
    // The tab that called is gone, and its call with it: only the store knows.
    world.crash(1);
    world.now += Duration::from_secs(60);
    world.tabs[0].frozen = false;
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [0]);
    assert_eq!(world.conversation.len(), 1);
}

#[test]
fn a_tab_whose_lock_was_stolen_before_it_heard_of_it_waits_for_its_turn_again() {
    let mut world = World::new(3);
    for tab in 0..3 {
        world.give(tab, Input::Connect);
    }
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [0]);
    world.tabs[1].frozen = true;
    world.crash(0);
    world.run(Duration::from_secs(6));
    assert_eq!(world.leaders(), [2], "the lock fell to a tab that slept, and was taken from it");
    world.tabs[1].frozen = false;
    world.run(Duration::from_secs(1));
    assert_eq!(world.leaders(), [2], "it does not disturb whoever leads");
    world.crash(2);
    world.run(Duration::from_millis(100));
    assert_eq!(world.leaders(), [1]);
}
