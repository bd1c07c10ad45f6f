//! The backoff schedule: its envelope, its spread at the cap, and its reset.

use std::time::Duration;

use holdline_client::BackoffConfig;
use holdline_client::core::backoff::Backoff;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

proptest! {
    #[test]
    fn every_delay_is_within_its_window(
        seed: u64,
        floor_ms in 0_u64..500,
        base_ms in 1_u64..5_000,
        cap_ms in 500_u64..60_000,
        tries in 1_usize..80,
    ) {
        let config = BackoffConfig {
            base: Duration::from_millis(base_ms),
            cap: Duration::from_millis(cap_ms),
            floor: Duration::from_millis(floor_ms),
        };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut backoff = Backoff::new(config);
        let mut last_window = Duration::ZERO;
        for _ in 0..tries {
            let (floor, window) = (backoff.floor(), backoff.window());
            prop_assert!(floor >= config.floor && floor <= window);
            prop_assert!(window >= last_window && window <= config.cap.max(config.floor));
            let delay = backoff.next_delay(&mut rng);
            prop_assert!(delay >= floor && delay <= window);
            last_window = window;
        }
        backoff.reset();
        prop_assert_eq!(backoff.failures(), 0);
        prop_assert_eq!(backoff.window(), config.base.min(config.cap).max(config.floor));
    }
}

#[test]
fn windows_double_from_one_second_to_the_cap() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut backoff = Backoff::new(BackoffConfig::default());
    let windows: Vec<u64> = (0..6)
        .map(|_| {
            let window = backoff.window().as_secs();
            backoff.next_delay(&mut rng);
            window
        })
        .collect();
    assert_eq!(windows, [1, 2, 4, 8, 15, 15]);
}

#[test]
fn a_schedule_goes_on_after_the_failures_of_the_one_before() {
    let backoff = Backoff::new(BackoffConfig::default()).after(3);
    assert_eq!(backoff.failures(), 3);
    assert_eq!(backoff.window(), Duration::from_secs(8));
}

/// How many of 10,000 delays fall into each tenth of the cap, after so many failures.
fn tenths_of_the_cap(failures: usize) -> [u32; 10] {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut tenths = [0_u32; 10];
    for _ in 0..10_000 {
        let mut backoff = Backoff::new(BackoffConfig::default());
        let delays = (0..=failures).map(|_| backoff.next_delay(&mut rng));
        let tenth = delays.last().expect("there is one more").as_millis() / 1_500;
        tenths[(tenth as usize).min(9)] += 1;
    }
    tenths
}

#[test]
fn the_first_delay_at_the_cap_spreads_over_all_of_it() {
    let tenths = tenths_of_the_cap(4);
    assert!(tenths.iter().all(|count| (850..=1_150).contains(count)), "{tenths:?}");
}

#[test]
fn later_ones_drift_within_its_last_tenth_and_keep_their_jitter() {
    for failures in [5, 6, 40] {
        assert_eq!(tenths_of_the_cap(failures), [0, 0, 0, 0, 0, 0, 0, 0, 0, 10_000]);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut backoff = Backoff::new(BackoffConfig::default()).after(9);
    let delays: Vec<_> = (0..200).map(|_| backoff.next_delay(&mut rng).as_millis()).collect();
    assert!(delays.iter().any(|ms| *ms < 13_600) && delays.iter().any(|ms| *ms > 14_900));
}
