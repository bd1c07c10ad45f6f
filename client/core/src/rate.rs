//! The rate gate: keeps the client's own traffic under the server's limit, on both routes together.
//!
//! It refuses to queue: it only says when the next message may go.

use std::time::Duration;

use super::time::Instant;

/// The numbers of the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateConfig {
    /// Messages a second. Default 2, the vendor's limit from 2023-12-11; article 000 names none.
    pub per_second: u32,
    /// Messages that may go back to back after a pause. Default 1; no public source names one. A
    /// server with the limit above admits 2, and one less leaves room, so that latency jitter of up
    /// to half a second cannot make two look like three.
    pub burst: u32,
    /// Added to every interval. Default 25 ms; no public source names one. A twentieth of the
    /// interval, so that small differences in latency do not bring two messages too close.
    pub margin: Duration,
}

impl Default for RateConfig {
    fn default() -> Self {
        Self { per_second: 2, burst: 1, margin: Duration::from_millis(25) }
    }
}

/// A token bucket in its virtual-scheduling form (GCRA): one instant instead of a counter, so that
/// nothing drifts and nothing has to be refilled.
#[derive(Debug, Clone)]
pub struct RateGate {
    interval: Duration,
    tolerance: Duration,
    full_again_at: Instant,
}

impl RateGate {
    /// A full bucket.
    #[must_use]
    pub fn new(config: RateConfig) -> Self {
        let interval = Duration::from_secs(1) / config.per_second.max(1) + config.margin;
        let tolerance = interval * config.burst.saturating_sub(1);
        Self { interval, tolerance, full_again_at: Instant::ZERO }
    }

    /// Empties the bucket: somebody else may have sent all that it held, up to now.
    pub fn drain(&mut self, now: Instant) {
        self.full_again_at = self.full_again_at.max(now + self.interval + self.tolerance);
    }

    /// The earliest instant at which the next message may go.
    #[must_use]
    pub fn ready_at(&self) -> Instant {
        self.full_again_at - self.tolerance
    }

    /// Counts one message that goes now.
    pub fn take(&mut self, now: Instant) {
        self.full_again_at = self.full_again_at.max(now) + self.interval;
    }
}
