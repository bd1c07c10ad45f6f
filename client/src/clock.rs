//! The one place that reads a clock, so that everything else can be given the time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::core::time::{Instant, Now, Wall};

/// A source of both clocks; clones share their beginning.
///
/// The monotonic side follows tokio's clock, so it stands still while that is paused.
#[derive(Debug, Clone)]
pub struct Clock {
    started: tokio::time::Instant,
    wall_at_start: Option<Duration>,
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn system() -> Self {
        Self { started: tokio_now(), wall_at_start: None }
    }

    /// A wall clock that reads `wall_at_start` (since the UNIX epoch) now and runs with tokio's
    /// clock from here: for simulation.
    #[must_use]
    pub fn at(wall_at_start: Duration) -> Self {
        Self { started: tokio_now(), wall_at_start: Some(wall_at_start) }
    }

    /// Reads both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = tokio_now().saturating_duration_since(self.started);
        let wall = self.wall_at_start.map_or_else(system_wall, |start| start + elapsed);
        Now { mono: Instant::new(elapsed), wall: Wall::new(wall) }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where time is injected")]
fn tokio_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "this is where time is injected")]
fn system_wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
