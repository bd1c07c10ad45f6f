//! What the core remembers, and what it forgets when there is too much: no runtime, no network.

use holdline_mock_server::core::{Caller, Carriers, Core, Effect, Grant, Refusal};
use holdline_mock_server::profile::articles;
use holdline_mock_server::{CloudConfig, CloudEvent};

use super::by_hand::{OAUTH, at, message};

/// The answer, or the code of the refusal.
fn told<T>(answer: Result<T, Refusal>) -> Result<T, String> {
    answer.map_err(|refusal| refusal.code.into())
}

struct World {
    core: Core,
    out: Vec<Effect>,
}

impl World {
    fn with(config: CloudConfig) -> Self {
        Self { core: Core::new(config, 7), out: Vec::new() }
    }

    fn create(&mut self) -> Result<Grant, String> {
        told(self.core.create_guest(at(0), Some(OAUTH), Ok(()), &mut self.out))
    }

    fn open(&mut self, guest: &Grant) -> u64 {
        let carriers = Carriers { bearer: Some(guest.token.clone()), ..Carriers::default() };
        let instance = &guest.webchat_instance_id;
        let admitted = told(self.core.admit(at(0), instance, &carriers, &mut self.out));
        self.core.open_socket(admitted.expect("it is let in").guest, &mut self.out)
    }

    fn send(&mut self, guest: &Grant, id: &str) -> Result<(), String> {
        let (instance, token) = (&guest.webchat_instance_id, Some(guest.token.as_str()));
        let caller = Caller::Rest { instance, token };
        let message = articles::message(&message(id));
        told(self.core.message(at(0), caller, message, &mut self.out)).map(drop)
    }

    fn ids(&self, guest: &Grant) -> Vec<String> {
        let stored = self.core.conversation(&guest.webchat_instance_id);
        stored.into_iter().map(|message| message.id).collect()
    }
}

fn few_guests() -> World {
    World::with(CloudConfig { max_guests: 2, ..CloudConfig::default() })
}

/// Room for three of `send`'s messages, whatever their rate.
fn few_messages() -> World {
    let config = CloudConfig::default();
    World::with(CloudConfig { max_conversation_bytes: 700, burst: 1000, ..config })
}

#[test]
fn one_guest_too_many_and_the_oldest_is_unknown() {
    let mut world = few_guests();
    let (first, second) = (world.create().unwrap(), world.create().unwrap());
    world.create().unwrap();
    // Its token went with it, so that nobody can find out about the instance.
    assert_eq!(world.send(&first, "m1"), Err("token.unknown".to_owned()));
    assert_eq!(world.send(&second, "m1"), Ok(()));
    let gone = CloudEvent::GuestGone { guest: first.webchat_instance_id };
    assert!(world.out.contains(&Effect::Event(gone)));
}

#[test]
fn a_guest_with_a_socket_is_never_forgotten() {
    let mut world = few_guests();
    let first = world.create().unwrap();
    world.open(&first);
    let second = world.create().unwrap();
    world.create().unwrap();
    assert_eq!(world.send(&first, "m1"), Ok(()));
    assert_eq!(world.send(&second, "m1"), Err("token.unknown".to_owned()));
}

#[test]
fn when_all_guests_have_a_socket_a_new_one_is_refused_until_one_closes() {
    let mut world = few_guests();
    let (first, second) = (world.create().unwrap(), world.create().unwrap());
    let socket = world.open(&first);
    world.open(&second);
    assert_eq!(world.create(), Err("guests.exhausted".to_owned()));
    world.core.close_socket(socket, &mut world.out);
    assert!(world.create().is_ok());
}

#[test]
fn a_socket_whose_guest_is_forgotten_while_it_opens_ends_at_once() {
    let mut world = few_guests();
    world.create().unwrap();
    world.create().unwrap();
    world.create().unwrap();
    world.out.clear();
    let socket = world.core.open_socket(0, &mut world.out);
    assert!(matches!(world.out.as_slice(), [Effect::End { socket: one, .. }] if *one == socket));
    assert_eq!(world.core.open_sockets(), 0);
    world.core.close_socket(socket, &mut world.out);
}

#[test]
fn the_oldest_message_of_all_conversations_is_forgotten_first() {
    let mut world = few_messages();
    let (one, other) = (world.create().unwrap(), world.create().unwrap());
    for (guest, id) in [(&one, "m1"), (&other, "m2"), (&one, "m3"), (&one, "m4")] {
        world.send(guest, id).unwrap();
    }
    assert_eq!(world.ids(&one), ["m3", "m4"]);
    assert_eq!(world.ids(&other), ["m2"]);
    // It may come again: nobody knows it any more.
    world.send(&one, "m1").unwrap();
    assert_eq!(world.ids(&one), ["m3", "m4", "m1"]);
    assert_eq!(world.ids(&other), Vec::<String>::new());
}

#[test]
fn a_message_longer_than_everything_stays_until_the_next() {
    let mut world =
        World::with(CloudConfig { max_conversation_bytes: 1, ..CloudConfig::default() });
    let guest = world.create().unwrap();
    world.send(&guest, "m1").unwrap();
    assert_eq!(world.ids(&guest), ["m1"]);
    world.send(&guest, "m2").unwrap();
    assert_eq!(world.ids(&guest), ["m2"]);
}

#[test]
fn sequences_go_on_where_the_agents_messages_are_forgotten() {
    let mut world = few_messages();
    let guest = world.create().unwrap();
    for expected in 1..=10 {
        let sequence = world.core.agent_says(at(0), None, "hello", &mut world.out);
        assert_eq!(sequence, Ok(expected));
    }
    let mut page_after = |after: &str| {
        let (instance, token) = (&guest.webchat_instance_id, Some(guest.token.as_str()));
        let after = articles::after(Some(after));
        let reply = world.core.history(at(0), instance, token, after, &mut world.out);
        let page = told(reply).unwrap();
        page.messages.iter().map(|message| message.sequence).collect::<Vec<_>>()
    };
    assert_eq!(page_after("0"), [8, 9, 10]);
    assert_eq!(page_after("9"), [10]);
    assert_eq!(page_after("10"), [0; 0]);
    assert_eq!(page_after("99"), [0; 0]);
}

#[test]
fn the_list_of_messages_is_bounded_where_every_guest_is_forgotten() {
    let mut world = World::with(CloudConfig { max_guests: 1, ..CloudConfig::default() });
    for _ in 0..1000 {
        let guest = world.create().unwrap();
        world.send(&guest, "m1").unwrap();
    }
    assert!(format!("{:?}", world.core).len() < 10_000, "the core remembers who is gone");
}
