//! The pure core, driven by hand: no runtime, no network, time as a number.

use std::time::Duration;

use holdline_mock_server::core::{Ack, Caller, Carriers, Core, Grant, Page, TokenBucket};
use holdline_mock_server::faults::{AckDroppedBeforeAccept, Action, Answer, FaultLayer, Reply};
use holdline_mock_server::profile::articles;
use holdline_mock_server::{CloudConfig, CloudEvent, Endpoint, FaultRule, RetryAfter, Route};
use proptest::prelude::*;

use super::by_hand::{OAUTH, at, message};

const PROFILE: &[u8] = include_bytes!("../../../fixtures/wire/create-guest.request.json");

fn answer<T: std::fmt::Debug>(reply: Reply<T>) -> T {
    match reply {
        Reply::Send { answer: Ok(answer), .. } => answer,
        other => panic!("expected an answer, got {other:?}"),
    }
}

fn code<T: std::fmt::Debug>(reply: Reply<T>) -> String {
    match reply {
        Reply::Send { answer: Err(refusal), .. } => refusal.code.into(),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// A cloud with one guest, and what it wanted done so far.
struct World {
    cloud: FaultLayer,
    out: Vec<Action>,
    guest: Grant,
}

impl World {
    fn new() -> Self {
        Self::with(CloudConfig::default())
    }

    fn with(config: CloudConfig) -> Self {
        let mut cloud = FaultLayer::new(Core::new(config, 7));
        let mut out = Vec::new();
        let profile = articles::guest_profile(PROFILE);
        let guest = answer(cloud.create_guest(at(0), Some(OAUTH), profile, &mut out));
        Self { cloud, out, guest }
    }

    fn rest(&mut self, millis: u64, raw: &[u8]) -> Reply<Ack> {
        let (instance, token) = (&self.guest.webchat_instance_id, Some(self.guest.token.as_str()));
        let caller = Caller::Rest { instance, token };
        self.cloud.message(at(millis), caller, articles::message(raw), &mut self.out)
    }

    fn socket(&mut self, millis: u64, raw: &[u8]) -> Reply<Ack> {
        let caller = Caller::Socket { guest: 0 };
        self.cloud.message(at(millis), caller, articles::message(raw), &mut self.out)
    }

    fn history(&mut self, millis: u64, after: Option<&str>) -> Reply<Page> {
        let (instance, token) = (&self.guest.webchat_instance_id, Some(self.guest.token.as_str()));
        self.cloud.history(at(millis), instance, token, articles::after(after), &mut self.out)
    }

    fn refresh(&mut self, millis: u64, bearer: &str) -> Reply<Grant> {
        self.cloud.refresh(at(millis), Some(bearer), Ok(None), &mut self.out)
    }

    fn ids(&self) -> Vec<String> {
        let stored = self.cloud.core().conversation(&self.guest.webchat_instance_id);
        stored.into_iter().map(|message| message.id).collect()
    }
}

#[test]
fn the_same_seed_gives_the_same_guest() {
    assert_eq!(World::new().guest, World::new().guest);
}

#[test]
fn one_id_is_one_message_on_both_roads() {
    let mut world = World::new();
    answer(world.socket(0, &message("m1")));
    answer(world.rest(1, &message("m1")));
    answer(world.socket(2, &message("m1")));
    assert_eq!(world.ids(), ["m1"]);
    let guest = world.guest.webchat_instance_id.clone();
    let expected = [
        CloudEvent::GuestCreated { guest: guest.clone() },
        CloudEvent::MessageStored {
            guest: guest.clone(),
            message_id: "m1".into(),
            route: Route::Socket,
        },
        CloudEvent::DuplicateIgnored {
            guest: guest.clone(),
            message_id: "m1".into(),
            route: Route::Rest,
        },
        CloudEvent::DuplicateIgnored { guest, message_id: "m1".into(), route: Route::Socket },
    ];
    assert_eq!(world.out, expected.map(Action::Event));
}

#[test]
fn both_roads_share_one_rate_and_a_duplicate_costs_none() {
    let mut world = World::new();
    answer(world.socket(0, &message("m1")));
    answer(world.rest(0, &message("m2")));
    for _ in 0..10 {
        answer(world.rest(0, &message("m1")));
    }
    assert_eq!(code(world.socket(0, &message("m3"))), "rate.limited");
    assert_eq!(code(world.rest(499, &message("m3"))), "rate.limited");
    answer(world.rest(500, &message("m3")));
    assert_eq!(world.ids(), ["m1", "m2", "m3"]);
}

#[test]
fn the_longest_text_is_counted_in_bytes() {
    let mut world = World::new();
    let fits = format!(r#"{{"type":"message","content":"{}","messageId":"a"}}"#, "é".repeat(2048));
    let over = format!(r#"{{"type":"message","content":"{}x","messageId":"b"}}"#, "é".repeat(2048));
    answer(world.rest(0, fits.as_bytes()));
    assert_eq!(code(world.rest(0, over.as_bytes())), "message.too.long");
}

#[test]
fn a_superseded_token_has_a_grace_and_can_always_refresh() {
    let mut world = World::new();
    let old = world.guest.token.clone();
    let new = answer(world.refresh(1_000, &old));
    assert_eq!(new.webchat_instance_id, world.guest.webchat_instance_id);
    answer(world.history(30_999, None));
    assert_eq!(code(world.history(31_000, None)), "token.expired");
    answer(world.refresh(40_000, &old));
    world.guest.token = new.token;
    answer(world.history(40_001, None));
}

#[test]
fn a_token_expires_at_its_time_and_not_before() {
    let mut world = World::new();
    answer(world.history(1_799_999, None));
    assert_eq!(code(world.history(1_800_000, None)), "token.expired");
}

#[test]
fn a_guest_lives_72_hours_after_its_last_message() {
    let day = 24 * 60 * 60 * 1000;
    let mut world = World::new();
    let token = world.guest.token.clone();
    answer(world.socket(2 * day, &message("m1")));
    answer(world.refresh(5 * day - 1, &token));
    assert_eq!(code(world.refresh(5 * day, &token)), "guest.gone");
    assert_eq!(code(world.socket(5 * day, &message("m2"))), "guest.gone");
    let gone = Action::Event(CloudEvent::GuestGone { guest: world.guest.webchat_instance_id });
    assert_eq!(world.out.iter().filter(|effect| **effect == gone).count(), 1);
    assert!(world.cloud.agent_says(at(5 * day), None, "hello", &mut world.out).is_err());
}

#[test]
fn an_agent_without_ids_still_counts() {
    let config = CloudConfig { agent_message_ids: false, ..CloudConfig::default() };
    let mut world = World::with(config);
    world.cloud.agent_says(at(0), None, "hello", &mut world.out).expect("the guest lives");
    let page = articles::page(&answer(world.history(0, None)));
    let page: serde_json::Value = serde_json::from_str(&page).unwrap();
    let message = serde_json::json!({ "type": "message", "content": "hello", "sequence": 1 });
    assert_eq!(page["messages"], serde_json::json!([message]));
}

#[test]
fn history_is_paged_by_sequence() {
    let mut world = World::new();
    for expected in 1..=250 {
        let said = world.cloud.agent_says(at(0), None, "hello", &mut world.out);
        assert_eq!(said, Ok(expected));
    }
    let sequences =
        |page: &Page| page.messages.iter().map(|message| message.sequence).collect::<Vec<_>>();
    let first = answer(world.history(0, None));
    assert_eq!((sequences(&first), first.more), ((1..=100).collect(), true));
    let last = answer(world.history(0, Some("200")));
    assert_eq!((sequences(&last), last.more), ((201..=250).collect(), false));
    assert!(answer(world.history(0, Some("250"))).messages.is_empty());
    assert!(answer(world.history(0, Some("18446744073709551615"))).messages.is_empty());
    for wrong in ["-1", "x", "1.5", "18446744073709551616"] {
        assert_eq!(code(world.history(0, Some(wrong))), "field.invalid");
    }
}

#[test]
fn an_agent_message_goes_to_every_socket_of_its_guest_only() {
    let mut world = World::new();
    let other = world.cloud.create_guest(at(0), Some(OAUTH), Ok(()), &mut world.out);
    let other = answer(other).webchat_instance_id;
    let mut open =
        |guest| world.cloud.operate(&mut world.out, |core, out| core.open_socket(guest, out));
    let (mine, also_mine, theirs) = (open(0), open(0), open(1));
    world.out.clear();
    let guest = world.guest.webchat_instance_id.clone();
    world.cloud.agent_says(at(0), Some(&guest), "to the first", &mut world.out).unwrap();
    world.cloud.agent_says(at(0), Some(&other), "to the second", &mut world.out).unwrap();
    let sent_to: Vec<u64> = world
        .out
        .iter()
        .filter_map(|effect| match effect {
            Action::Send { socket, .. } => Some(*socket),
            _ => None,
        })
        .collect();
    assert_eq!(sent_to, [mine, also_mine, theirs]);
}

#[test]
fn a_subprotocol_may_carry_the_token() {
    let mut world = World::new();
    let instance = world.guest.webchat_instance_id.clone();
    let token = world.guest.token.clone();
    let mut admit = |protocols: &[&str]| {
        let protocols = protocols.iter().map(|offer| (*offer).to_owned()).collect();
        let carriers = Carriers { protocols, ..Carriers::default() };
        world.cloud.admit(at(0), &instance, &carriers, &mut world.out)
    };
    assert_eq!(answer(admit(&[&token])).protocol.as_ref(), Some(&token));
    assert_eq!(answer(admit(&["chat", &token])).protocol.as_deref(), Some("chat"));
    assert_eq!(code(admit(&["chat"])), "token.unknown");
    assert_eq!(code(admit(&[])), "token.missing");
}

#[test]
fn a_faulty_answer_dates_retry_after_in_whole_seconds_ahead() {
    let mut world = World::new();
    let retry_after = RetryAfter::Date(Duration::from_millis(1_500));
    let fault = Answer { status: 503, retry_after };
    world.cloud.arm(at(0), FaultRule::at(fault, Endpoint::Any, 1, 1));
    let Reply::Send { answer: Err(refusal), .. } = world.rest(0, &message("m1")) else {
        panic!("the fault did not strike");
    };
    assert_eq!((refusal.status, &*refusal.code), (503, "service.unavailable"));
    let body: serde_json::Value = serde_json::from_str(&articles::refusal(&refusal)).unwrap();
    assert_eq!(body["retryAfter"], "Tue, 14 Nov 2023 22:13:22 GMT");
}

proptest! {
    #[test]
    fn any_interleaving_stores_each_id_once_in_order_of_first_acceptance(
        steps in prop::collection::vec((0_u8..8, any::<bool>(), 0_u64..900), 1..120),
    ) {
        let mut world = World::new();
        let mut accepted: Vec<String> = Vec::new();
        let mut millis = 0;
        for (id, by_rest, pause) in steps {
            millis += pause;
            let id = format!("m{id}");
            let raw = message(&id);
            let reply =
                if by_rest { world.rest(millis, &raw) } else { world.socket(millis, &raw) };
            match reply {
                Reply::Send { answer: Ok(ack), .. } => {
                    prop_assert_eq!(&ack.message_id, &id);
                    if !accepted.contains(&id) {
                        accepted.push(id);
                    }
                }
                Reply::Send { answer: Err(refusal), .. } => {
                    prop_assert_eq!(&*refusal.code, "rate.limited");
                    prop_assert!(!accepted.contains(&id), "a duplicate was held to the rate");
                }
                other => prop_assert!(false, "unexpected {:?}", other),
            }
        }
        prop_assert_eq!(world.ids(), accepted);
    }

    #[test]
    fn the_bucket_never_admits_more_than_rate_times_span_plus_burst(
        rate in 1_u32..20,
        burst in 1_u32..6,
        pauses in prop::collection::vec(0_u64..700_000_000, 1..200),
    ) {
        let mut bucket = TokenBucket::new(rate, burst, Duration::ZERO);
        let mut now = Duration::ZERO;
        let mut admitted: Vec<Duration> = Vec::new();
        for pause in pauses {
            now += Duration::from_nanos(pause);
            match bucket.take(now) {
                Ok(()) => admitted.push(now),
                Err(wait) => {
                    prop_assert!(bucket.clone().take(now + wait).is_ok(), "waiting helps");
                    let too_early = now + wait.saturating_sub(Duration::from_nanos(1));
                    prop_assert!(bucket.clone().take(too_early).is_err(), "and is needed");
                }
            }
        }
        for (first, start) in admitted.iter().enumerate() {
            for (last, end) in admitted.iter().enumerate().skip(first) {
                let count = (last - first + 1) as u128;
                let earned = u128::from(rate) * end.saturating_sub(*start).as_nanos();
                prop_assert!(count * 1_000_000_000 <= earned + u128::from(burst) * 1_000_000_000);
            }
        }
    }

    #[test]
    fn a_rule_hits_exactly_its_occurrences(nth in 0_u64..6, count in 0_u64..6) {
        let config = CloudConfig { burst: 100, ..CloudConfig::default() };
        let mut world = World::with(config);
        let fault = AckDroppedBeforeAccept {};
        world.cloud.arm(at(0), FaultRule::at(fault, Endpoint::Messages, nth, count));
        let first = nth.max(1);
        for occurrence in 1..=15 {
            // History is another endpoint: it neither counts nor is hit.
            answer(world.history(0, None));
            let raw = message(&format!("m{occurrence}"));
            let reply =
                if occurrence % 2 == 0 { world.rest(0, &raw) } else { world.socket(0, &raw) };
            let hit = (first..first + count).contains(&occurrence);
            prop_assert_eq!(reply == Reply::Silence, hit, "occurrence {}", occurrence);
        }
    }

    #[test]
    fn no_body_is_too_strange_to_answer(raw in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut world = World::new();
        let refused =
            |reply: &Reply<Ack>| matches!(reply, Reply::Send { answer: Err(_), .. });
        prop_assert!(refused(&world.rest(0, &raw)));
        prop_assert!(refused(&world.socket(0, &raw)));
        let profile = articles::guest_profile(&raw);
        let reply = world.cloud.create_guest(at(0), Some(OAUTH), profile, &mut world.out);
        let refused = matches!(reply, Reply::Send { answer: Err(_), .. });
        prop_assert!(refused);
    }
}
