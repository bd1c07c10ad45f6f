//! The probe of an open socket and the rate gate.

use std::time::Duration;

use holdline_client::core::health::{Check, Health};
use holdline_client::core::rate::RateGate;
use holdline_client::{HealthConfig, Instant, RateConfig};
use proptest::prelude::*;

const fn at(ms: u64) -> Instant {
    Instant::new(Duration::from_millis(ms))
}

#[test]
fn silence_is_probed_and_a_missing_answer_is_death() {
    let mut health = Health::opened(HealthConfig::default(), at(0));
    assert!(!health.confirmed());
    health.inbound(at(40));
    assert!(health.confirmed());
    assert_eq!(health.check(at(15_039)), Check::Wait);
    assert_eq!(health.check(at(15_040)), Check::Probe);
    assert_eq!(health.check(at(23_039)), Check::Wait);
    assert_eq!(health.check(at(23_040)), Check::Dead);
}

#[test]
fn a_socket_that_never_answers_its_first_ping_is_dead() {
    let mut health = Health::opened(HealthConfig::default(), at(100));
    assert_eq!(health.check(at(8_099)), Check::Wait);
    assert_eq!(health.check(at(8_100)), Check::Dead);
}

proptest! {
    #[test]
    fn a_peer_that_answers_probes_is_never_killed(delays in prop::collection::vec(0_u64..7_999, 1..50)) {
        let mut health = Health::opened(HealthConfig::default(), at(0));
        let mut now_ms = 0;
        for delay in delays {
            now_ms += delay;
            prop_assert_ne!(health.check(at(now_ms)), Check::Dead);
            health.inbound(at(now_ms));
            now_ms = health.next_deadline().since_start().as_millis() as u64;
            prop_assert_eq!(health.check(at(now_ms)), Check::Probe);
        }
    }

    #[test]
    fn a_dead_peer_is_found_within_25_seconds(last_sign in 0_u64..100_000) {
        let mut health = Health::opened(HealthConfig::default(), at(0));
        health.inbound(at(last_sign));
        let mut checks = 0;
        while health.check(health.next_deadline()) != Check::Dead {
            checks += 1;
            prop_assert!(checks < 3);
        }
        prop_assert!(health.next_deadline() <= at(last_sign + 25_000));
    }

    #[test]
    fn the_gate_never_admits_more_than_rate_and_burst(
        per_second in 1_u32..20,
        burst in 1_u32..10,
        gaps_ms in prop::collection::vec(0_u64..2_000, 1..100),
    ) {
        let config = RateConfig { per_second, burst, margin: Duration::ZERO };
        let mut gate = RateGate::new(config);
        let mut admitted: Vec<u64> = Vec::new();
        let mut now_ms = 0;
        for gap in gaps_ms {
            now_ms += gap;
            if at(now_ms) >= gate.ready_at() {
                gate.take(at(now_ms));
                admitted.push(now_ms);
            }
        }
        for (first, from) in admitted.iter().enumerate() {
            for (last, to) in admitted.iter().enumerate().skip(first) {
                let allowed = u64::from(burst) * 1_000 + (to - from) * u64::from(per_second);
                // One millisecond of slack for the interval's division.
                prop_assert!((last - first + 1) as u64 * 1_000 <= allowed + 1_000 / 20);
            }
        }
    }
}

#[test]
fn a_drained_gate_begins_with_an_empty_bucket() {
    let config = RateConfig { per_second: 2, burst: 3, margin: Duration::ZERO };
    let mut gate = RateGate::new(config);
    gate.drain(at(10_000));
    assert_eq!(gate.ready_at(), at(10_500));
    gate.take(at(10_500));
    assert_eq!(gate.ready_at(), at(11_000));
    // One that was drained long ago is full again, and one message empties no bucket of three.
    gate.take(at(60_000));
    assert_eq!(gate.ready_at(), at(59_500));
}
