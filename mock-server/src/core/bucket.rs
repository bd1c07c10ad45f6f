//! The token bucket that holds the rate of one session, in integers only.

use std::time::Duration;

const NANOS: u128 = 1_000_000_000;

/// What to name when the bucket never refills.
const NEVER: Duration = Duration::from_mins(1);

/// Admits at most `rate * t + burst` messages in any span of `t` seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBucket {
    per_second: u32,
    capacity: u128,
    /// In billionths of a message.
    credit: u128,
    refilled_at: Duration,
}

impl TokenBucket {
    /// A full bucket at time `now`. A `burst` of 0 is taken as 1, or nothing ever passes.
    #[must_use]
    pub fn new(per_second: u32, burst: u32, now: Duration) -> Self {
        let capacity = u128::from(burst.max(1)) * NANOS;
        Self { per_second, capacity, credit: capacity, refilled_at: now }
    }

    /// Takes one message's worth, or says how long to wait until that will work. A refused
    /// attempt costs nothing; a clock that goes back refills nothing.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        let elapsed = now.saturating_sub(self.refilled_at).as_nanos();
        let earned = elapsed.saturating_mul(u128::from(self.per_second));
        self.credit = self.credit.saturating_add(earned).min(self.capacity);
        self.refilled_at = self.refilled_at.max(now);
        if let Some(rest) = self.credit.checked_sub(NANOS) {
            self.credit = rest;
            return Ok(());
        }
        if self.per_second == 0 {
            return Err(NEVER);
        }
        let wait = (NANOS - self.credit).div_ceil(u128::from(self.per_second));
        Err(Duration::from_nanos(u64::try_from(wait).unwrap_or(u64::MAX)))
    }
}
