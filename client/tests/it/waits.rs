//! A session goes on with the waits of the client before it: no earlier, and not much later.

use std::collections::BTreeMap;
use std::time::Duration;

use holdline_client::core::credentials::SavedGuest;
use holdline_client::core::inbound::SEEN_MAX;
use holdline_client::core::session::{Effect, Input, Session};
use holdline_client::{Call, Entry, Instant, Now, Saved, SessionConfig, Waits, Wall};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

fn guest(wall_s: u64) -> SavedGuest {
    let expires_at = Wall::new(Duration::from_secs(wall_s + 1_800));
    SavedGuest { instance: "g".into(), token: "t".into(), expires_at }
}

/// When a session that inherits `waits` first asks for anything, and what.
fn first_request(saved: Option<SavedGuest>, waits: &Waits, wall: Wall) -> (Duration, Effect) {
    let rng = ChaCha8Rng::seed_from_u64(1);
    let mut now = Now { mono: Instant::new(Duration::from_secs(9)), wall };
    let mut session = Session::new(SessionConfig::default(), 0, rng).inheriting(now, waits);
    let begun = now.mono;
    let mut input = Input::Start(saved);
    loop {
        let mut out = Vec::new();
        session.on(now, input, &mut out);
        let wanted = out.into_iter().find(|effect| {
            matches!(effect, Effect::Create(_) | Effect::Refresh(..) | Effect::Dial(..))
        });
        if let Some(effect) = wanted {
            return (now.mono.since(begun), effect);
        }
        let next = session.next_deadline().expect("it waits for something");
        now.wall = now.wall + next.since(now.mono);
        now.mono = next;
        input = Input::Tick;
    }
}

fn some_waits() -> impl Strategy<Value = Waits> {
    let call = prop::sample::select(Call::ALL.to_vec());
    let until = (0_u64..4_000).prop_map(|s| Wall::new(Duration::from_secs(s)));
    let not_before = prop::collection::btree_map(call, until.clone(), 0..5);
    (not_before, 0_u32..50, until).prop_map(|(not_before, failures, until_wall)| Waits {
        not_before,
        failures,
        until_wall,
    })
}

proptest! {
    /// Never before what was told for the call it needs, never before the backoff, and never much
    /// later than the longest wait there is, whatever the wall clock does.
    #[test]
    fn a_session_starts_when_it_may(
        waits in some_waits(),
        wall_s in 0_u64..4_000,
        kind in 0_u8..3,
    ) {
        let wall = Wall::new(Duration::from_secs(wall_s));
        let (saved, call) = match kind {
            0 => (None, Call::Guests),
            1 => (Some(guest(wall_s)), Call::Socket),
            // A token that has expired.
            _ => (Some(SavedGuest { expires_at: wall, ..guest(0) }), Call::Refresh),
        };
        let (waited, effect) = first_request(saved, &waits, wall);
        let asked = match effect {
            Effect::Create(_) => Call::Guests,
            Effect::Refresh(..) => Call::Refresh,
            _ => Call::Socket,
        };
        prop_assert_eq!(asked, call);
        let left = |until: Option<&Wall>| until.map_or(Duration::ZERO, |until| until.since(wall));
        let told = left(waits.not_before.get(&call)).min(Duration::from_secs(120));
        let backoff = left(Some(&waits.until_wall)).min(Duration::from_secs(15));
        prop_assert!(waited >= told.max(backoff), "{waited:?} is too early");
        prop_assert!(waited <= told.max(backoff) + Duration::from_secs(2), "{waited:?} is too late");
    }
}

#[test]
fn a_clock_that_was_set_back_a_year_costs_two_minutes_at_most() {
    let year = Duration::from_hours(24 * 365);
    let tomorrow = Wall::new(year * 55);
    let not_before: BTreeMap<Call, Wall> = Call::ALL.map(|call| (call, tomorrow)).into();
    let waits = Waits { not_before, failures: 3, until_wall: tomorrow };
    let (waited, _) = first_request(None, &waits, Wall::new(year * 54));
    assert!(waited >= Duration::from_mins(2) && waited <= Duration::from_secs(122), "{waited:?}");
}

#[test]
fn waits_are_folded_from_their_entries() {
    let wall = |seconds| Wall::new(Duration::from_secs(seconds));
    let mut saved = Saved::default();
    for (call, until) in [(Call::Messages, 9), (Call::History, 5), (Call::Messages, 7)] {
        saved.apply(&Entry::NotBefore { call, until_wall: wall(until) });
    }
    saved.apply(&Entry::Backoff { failures: 2, until_wall: wall(3) });
    let not_before = [(Call::Messages, wall(7)), (Call::History, wall(5))].into();
    assert_eq!(saved.waits, Waits { not_before, failures: 2, until_wall: wall(3) });
}

#[test]
fn what_was_seen_is_remembered_for_thirty_days_and_in_bounded_number() {
    let day = |days: u64| Wall::new(Duration::from_hours(24 * days));
    let mut saved = Saved::default();
    let seen = |number: usize, at_wall| Entry::Seen { id: number.to_string(), at_wall };
    for number in 0..SEEN_MAX + 10 {
        saved.apply(&seen(number, day(1)));
    }
    assert_eq!(saved.seen.len(), SEEN_MAX);
    assert_eq!(saved.seen[0].id, "10", "the oldest go");
    saved.apply(&seen(5_000, day(31)));
    assert_eq!(saved.seen.len(), SEEN_MAX);
    saved.apply(&seen(5_001, day(32)));
    assert_eq!(saved.seen.len(), 2);
}
