//! The coordinator by example.

use std::time::Duration;

use holdline_client::core::coordinator::{Input, Life};

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
