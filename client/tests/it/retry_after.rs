//! `Retry-After` in both forms, and what is made of it.

use std::time::{Duration, UNIX_EPOCH};

use holdline_client::Wall;
use holdline_client::core::retry_after::{MAX_HONOURED, RetryAfter, Told, honour, parse, spread};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

const WALL: Wall = Wall::new(Duration::from_secs(1_700_000_000));

fn date(since_epoch_s: u64) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(since_epoch_s))
}

#[test]
fn seconds_and_dates_are_read() {
    let after = |seconds| RetryAfter::After(Duration::from_secs(seconds));
    assert_eq!(parse(None, WALL), RetryAfter::Absent);
    assert_eq!(parse(Some("7"), WALL), after(7));
    assert_eq!(parse(Some(" 0 "), WALL), after(0));
    assert_eq!(parse(Some(&date(1_700_000_009)), WALL), after(9));
    assert_eq!(parse(Some(&date(1_600_000_000)), WALL), after(0));
}

#[test]
fn other_forms_are_invalid_and_never_short() {
    for value in ["", "-1", "0.5", "soon", "1e3", "+5", "١"] {
        assert_eq!(parse(Some(value), WALL), RetryAfter::Invalid, "{value:?}");
        let told = honour(429, Some(value), WALL);
        assert_eq!(told, Told { wait: Duration::from_secs(5), absurd: None }, "{value:?}");
    }
    assert_eq!(honour(429, None, WALL).wait, Duration::from_secs(5));
    assert_eq!(honour(503, None, WALL).wait, Duration::ZERO);
}

#[test]
fn absurd_waits_are_bounded_and_reported() {
    for value in ["2147483", "99999999999999999999999", &date(1_700_900_000)] {
        let told = honour(503, Some(value), WALL);
        assert_eq!(told.wait, MAX_HONOURED);
        assert!(told.absurd.is_some_and(|asked| asked > MAX_HONOURED), "{value:?}");
    }
}

proptest! {
    #[test]
    fn a_wait_is_never_shorter_than_told(seed: u64, told_ms in 0_u64..120_000, backoff_ms in 0_u64..15_000) {
        let (told, backoff) = (Duration::from_millis(told_ms), Duration::from_millis(backoff_ms));
        let wait = spread(told, backoff, &mut ChaCha8Rng::seed_from_u64(seed));
        prop_assert!(wait >= told && wait >= backoff);
        prop_assert!(wait <= told.max(backoff) + Duration::from_secs(1));
    }

    #[test]
    fn any_text_is_read_without_panic(value: String) {
        let _ = parse(Some(&value), WALL);
    }
}
