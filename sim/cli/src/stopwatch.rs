//! Wall time for people; no run ever sees it.

use std::time::{Duration, Instant};

/// Began when it was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "the wall time of a command is for people")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Time since the UNIX epoch, for what is dated by it.
#[expect(clippy::disallowed_methods, reason = "a certificate is dated by the wall clock")]
pub(super) fn unix_time() -> Duration {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default()
}
