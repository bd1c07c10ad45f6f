//! Whatever happens in whatever order, in the end one tab leads, everybody has seen everything once
//! and in order, and what was accepted has been delivered once and told once.

use std::time::Duration;

use holdline_client::core::coordinator::{Input, Life};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::world::{Arrival, World};

/// What a schedule is made of; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Move {
    Arrive(usize),
    Lose(usize),
    Pass(u16),
    Send(usize),
    Agent,
    Focus(usize),
    Blur(usize),
    Crash(usize),
    Reload(usize),
    Freeze(usize),
    Thaw(usize),
    Sleep(usize),
    Wake(usize),
    Disconnect(usize),
    Connect(usize),
    Fill(bool),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let tab = 0..3_usize;
    let one = prop_oneof![
        60 => any::<usize>().prop_map(Move::Arrive),
        2 => any::<usize>().prop_map(Move::Lose),
        12 => (1..3_000_u16).prop_map(Move::Pass),
        6 => tab.clone().prop_map(Move::Send),
        6 => Just(Move::Agent),
        4 => tab.clone().prop_map(Move::Focus),
        1 => tab.clone().prop_map(Move::Blur),
        1 => tab.clone().prop_map(Move::Crash),
        2 => tab.clone().prop_map(Move::Reload),
        1 => tab.clone().prop_map(Move::Freeze),
        2 => tab.clone().prop_map(Move::Thaw),
        1 => tab.clone().prop_map(Move::Sleep),
        2 => tab.clone().prop_map(Move::Wake),
        1 => tab.clone().prop_map(Move::Disconnect),
        2 => tab.prop_map(Move::Connect),
        1 => any::<bool>().prop_map(Move::Fill),
    ];
    prop::collection::vec(one, 0..400)
}

fn play(world: &mut World, moves: &[Move]) {
    let tabs = world.tabs.len();
    for one in moves {
        match *one {
            Move::Arrive(n) => {
                let arrivals = world.arrivals();
                if !arrivals.is_empty() {
                    world.arrive(&arrivals[n % arrivals.len()]);
                }
            }
            Move::Lose(n) => {
                let arrivals = world.arrivals();
                if let Some(Arrival::Bus { from, to }) = arrivals.get(n % arrivals.len().max(1)) {
                    world.lose(*from, *to);
                }
            }
            Move::Pass(millis) => drop(world.pass(Duration::from_millis(millis.into()))),
            Move::Send(tab) if !world.tabs[tab % tabs].frozen => drop(world.send(tab % tabs)),
            Move::Send(_) => {}
            Move::Agent => world.agent_says(),
            Move::Focus(tab) => world.focus(tab % tabs),
            Move::Blur(tab) => world.give(tab % tabs, Input::Life(Life::Hidden)),
            Move::Crash(tab) => world.crash(tab % tabs),
            Move::Reload(tab) => world.reload(tab % tabs),
            Move::Freeze(tab) => world.tabs[tab % tabs].frozen = true,
            Move::Thaw(tab) => world.tabs[tab % tabs].frozen = false,
            Move::Sleep(tab) => world.give(tab % tabs, Input::Life(Life::Sleeps)),
            Move::Wake(tab) => world.give(tab % tabs, Input::Life(Life::Wakes)),
            Move::Disconnect(tab) => world.give(tab % tabs, Input::Disconnect),
            Move::Connect(tab) => world.give(tab % tabs, Input::Connect),
            // A guest that was never saved is another story: the next leader makes a new one.
            Move::Fill(full) => {
                world.store.full = full && has_guest(world);
                world.was_full |= world.store.full;
            }
        }
        for tab in &world.tabs {
            assert_in_order_once(&tab.shown);
        }
    }
}

fn has_guest(world: &World) -> bool {
    world.store.read("guest", "guest~").is_ok_and(|contents| !contents.records.is_empty())
}

fn assert_in_order_once(shown: &[String]) {
    let numbers: Vec<u64> = shown.iter().map(|id| id[1..].parse().expect("a number")).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}

/// Everything heals: what then must be true whatever was before.
fn settle(world: &mut World) {
    world.store.full = false;
    for tab in 0..world.tabs.len() {
        world.tabs[tab].frozen = false;
        if !world.tabs[tab].alive {
            world.reload(tab);
        }
        world.give(tab, Input::Life(Life::Wakes));
        world.give(tab, Input::Connect);
    }
    world.run(Duration::from_secs(40));
    world.agent_says();
    world.run(Duration::from_secs(10));
    assert_eq!(world.leaders().len(), 1, "one tab leads");
    let said: Vec<&str> = world.said.iter().map(|message| message.id.as_str()).collect();
    for tab in &world.tabs {
        assert_eq!(tab.shown, said, "every tab has seen everything, once and in order");
        assert_eq!(tab.state, holdline_client::State::Open);
        let place = |id| world.conversation.iter().position(|(known, _)| *known == id);
        let places: Vec<_> = tab.accepted.iter().map(|id| place(*id)).collect();
        // With a full disk a message is sent before it can be accepted.
        let in_order = world.was_full || places.is_sorted();
        assert!(in_order, "in the order of acceptance: {places:?}");
        for id in &tab.accepted {
            let delivered = world.conversation.iter().filter(|(known, _)| known == id).count();
            assert_eq!(delivered, 1, "{id} was accepted");
            let told = tab.settled.iter().filter(|(known, _)| known == id).count();
            assert_eq!(told, 1, "{id} was accepted here");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, max_shrink_iters: 50, rng_seed: RngSeed::Fixed(3), ..ProptestConfig::default() })]

    #[test]
    fn two_tabs_agree_after_any_schedule(moves in moves()) {
        let mut world = World::new(2);
        for tab in 0..2 {
            world.give(tab, Input::Life(Life::Shown));
            world.give(tab, Input::Connect);
        }
        play(&mut world, &moves);
        settle(&mut world);
    }

    #[test]
    fn three_tabs_agree_after_any_schedule(moves in moves()) {
        let mut world = World::new(3);
        for tab in 0..3 {
            world.give(tab, Input::Life(Life::Shown));
            world.give(tab, Input::Connect);
        }
        play(&mut world, &moves);
        settle(&mut world);
    }
}
