//! Exponential backoff, the only schedule this client knows: full jitter while it grows and once at
//! the cap, and then the last tenth of the cap.
//!
//! Full jitter for ever brings nobody back well. Of clients that draw from `[0, cap]` again and again,
//! `2 / cap` a second come back in the first moment: ten thousand of them are 133 in 100 ms at 15 s,
//! and a wider cap is waited for longer. Clients whose first draw at the cap has spread them evenly,
//! and who from then on only drift, come at `1 / cap`: as few as there can be, all within the cap.
//! `holdline herd` shows it.
//!
//! It refuses to keep any clock: it draws a delay, and whoever asked decides what that delays.

use std::time::Duration;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// The numbers of the schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackoffConfig {
    /// Window of the first delay. Default 1 s (article 000, `baseDelay`).
    pub base: Duration,
    /// Widest window. Default 15 s: article 000 says 30 s (`maxDelay`), but 15 s is what brings ten
    /// thousand clients back within 15 s of an outage without a spike.
    pub cap: Duration,
    /// Shortest delay ever drawn. Default 100 ms; no public source names one. Full jitter alone may
    /// draw zero, and a refusing server must never be hammered.
    pub floor: Duration,
}

impl Default for BackoffConfig {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(15),
            floor: Duration::from_millis(100),
        }
    }
}

/// What part of the cap is drawn from once the delays have been spread over all of it: a tenth. Any
/// more would bring more clients back in the same moment, and none would bring those together again
/// whom something else has brought together.
const DRIFT_PART: u32 = 10;

/// Counts consecutive failures and draws the delay before the next try, uniformly from
/// `[floor, min(cap, base * 2^n)]`; after the first draw at the cap, from the last tenth below it.
#[derive(Debug, Clone)]
pub struct Backoff {
    config: BackoffConfig,
    failures: u32,
}

impl Backoff {
    /// A schedule with no failures counted yet.
    #[must_use]
    pub const fn new(config: BackoffConfig) -> Self {
        Self { config, failures: 0 }
    }

    /// The same schedule after so many failures.
    #[must_use]
    pub const fn after(self, failures: u32) -> Self {
        Self { failures, ..self }
    }

    /// Failures counted since the last [`reset`](Self::reset).
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// The widest delay the next draw can give.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window_after(self.failures)
    }

    /// The shortest delay the next draw can give.
    #[must_use]
    pub fn floor(&self) -> Duration {
        let BackoffConfig { cap, floor, .. } = self.config;
        let before = self.failures.checked_sub(1).map(|failures| self.window_after(failures));
        let is_spread = before.is_some_and(|window| window >= cap);
        if is_spread { (cap / DRIFT_PART * (DRIFT_PART - 1)).max(floor) } else { floor }
    }

    fn window_after(&self, failures: u32) -> Duration {
        let factor = 1_u32.checked_shl(failures.min(31)).unwrap_or(u32::MAX);
        self.config.base.saturating_mul(factor).min(self.config.cap).max(self.config.floor)
    }

    /// Counts one more failure and draws the delay before the next try.
    pub fn next_delay(&mut self, rng: &mut ChaCha8Rng) -> Duration {
        let window_us = self.window().as_micros() as u64;
        let floor_us = self.floor().as_micros() as u64;
        self.failures = self.failures.saturating_add(1);
        Duration::from_micros(rng.random_range(floor_us..=window_us))
    }

    /// Forgets the failures: the thing tried has proven itself.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}
