//! The coordinator by example.

use std::time::Duration;

use holdline_client::core::coordinator::{Input, Life};
use holdline_client::core::types::State;

use crate::world::World;

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
