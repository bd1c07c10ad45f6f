//! `Retry-After` in both forms of RFC 9110 10.2.3, and how long to wait because of it.
//!
//! It refuses to guess: a value in neither form is invalid, never a short wait.

use std::time::{Duration, UNIX_EPOCH};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::statuses::TOO_MANY_REQUESTS;
use super::time::Wall;
use super::types::Notice;

/// Wait after a 429 that names no (valid) time: 5 s (article 000, `|| '5'`).
pub const DEFAULT_AFTER_429: Duration = Duration::from_secs(5);

/// The longest wait a server can impose: 120 s. A longer one is cut to this and reported.
pub const MAX_HONOURED: Duration = Duration::from_mins(2);

/// What a `Retry-After` value says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// No value was sent.
    Absent,
    /// A value in neither form of RFC 9110 10.2.3 (negative, fractional, text).
    Invalid,
    /// Wait this long from now.
    After(Duration),
}

/// Reads a `Retry-After` value: whole seconds, or an HTTP date compared with the wall clock.
/// A date in the past means zero.
#[must_use]
pub fn parse(value: Option<&str>, wall: Wall) -> RetryAfter {
    let Some(value) = value.map(str::trim) else { return RetryAfter::Absent };
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only an overflow can fail here, and that is an absurdly long wait, not a short one.
        return RetryAfter::After(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let Ok(date) = httpdate::parse_http_date(value) else { return RetryAfter::Invalid };
    let since_epoch = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    RetryAfter::After(Wall::new(since_epoch).since(wall))
}

/// How long a refusal must be waited out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Not earlier than this from now; zero when the server named nothing.
    pub wait: Duration,
    /// What the server asked for, when that was more than [`MAX_HONOURED`].
    pub absurd: Option<Duration>,
}

impl Told {
    /// What to report about a wait that was cut.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        self.absurd.map(|asked| Notice::RetryAfterAbsurd { asked, honoured: MAX_HONOURED })
    }
}

/// Turns a status and its `Retry-After` into the shortest wait that obeys the server.
#[must_use]
pub fn honour(status: u16, value: Option<&str>, wall: Wall) -> Told {
    match parse(value, wall) {
        RetryAfter::After(asked) if asked > MAX_HONOURED => {
            Told { wait: MAX_HONOURED, absurd: Some(asked) }
        }
        RetryAfter::After(asked) => Told { wait: asked, absurd: None },
        RetryAfter::Absent | RetryAfter::Invalid if status == TOO_MANY_REQUESTS => {
            Told { wait: DEFAULT_AFTER_429, absurd: None }
        }
        RetryAfter::Absent | RetryAfter::Invalid => Told { wait: Duration::ZERO, absurd: None },
    }
}

/// Combines a told wait with a backoff delay: never earlier than either. Up to a tenth of the told
/// wait (at most 1 s) is added, so that clients told the same time do not return together.
#[must_use]
pub fn spread(told: Duration, backoff: Duration, rng: &mut ChaCha8Rng) -> Duration {
    let most_us = (told / 10).min(Duration::from_secs(1)).as_micros() as u64;
    told.max(backoff) + Duration::from_micros(rng.random_range(0..=most_us))
}
