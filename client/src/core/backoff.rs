//! Exponential backoff with full jitter, the only schedule this client knows.
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
    /// Widest window. Default 15 s: article 000 says 30 s (`maxDelay`), but a uniform window of
    /// 15 s is what brings ten thousand clients back within 15 s of an outage without a spike.
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

/// Counts consecutive failures and draws the delay before the next try, uniformly from
/// `[floor, min(cap, base * 2^n)]`. The jitter stays full at the cap.
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
        let factor = 1_u32.checked_shl(self.failures.min(31)).unwrap_or(u32::MAX);
        self.config.base.saturating_mul(factor).min(self.config.cap).max(self.config.floor)
    }

    /// Counts one more failure and draws the delay before the next try.
    pub fn next_delay(&mut self, rng: &mut ChaCha8Rng) -> Duration {
        let window_us = self.window().as_micros() as u64;
        let floor_us = self.config.floor.as_micros() as u64;
        self.failures = self.failures.saturating_add(1);
        Duration::from_micros(rng.random_range(floor_us..=window_us))
    }

    /// Forgets the failures: the thing tried has proven itself.
    pub const fn reset(&mut self) {
        self.failures = 0;
    }
}
