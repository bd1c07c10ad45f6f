//! The one place that reads a clock, so that everything else can be given the time.

use std::fmt;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::LocalBoxFuture;

use crate::core::time::{Instant, Now, Wall};

/// A source of both clocks; clones share their beginning.
///
/// The monotonic side follows tokio's clock, so it stands still while that is paused; or one that
/// it is given.
#[derive(Clone)]
pub struct Clock {
    source: Source,
    wall_at_start: Option<Duration>,
    timers: Option<Rc<dyn Timers>>,
}

#[derive(Clone)]
enum Source {
    Tokio(tokio::time::Instant),
    /// And what it read at the beginning.
    Given(Rc<dyn Fn() -> Duration>, Duration),
}

/// Timers that may be late: a browser lets those of a hidden page run once a second, later once a
/// minute.
pub trait Timers {
    /// Resolves after `wait`, or later.
    fn sleep(&self, wait: Duration) -> LocalBoxFuture<'static, ()>;
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn system() -> Self {
        Self { source: Source::Tokio(tokio_now()), wall_at_start: None, timers: None }
    }

    /// A wall clock that reads `wall_at_start` (since the UNIX epoch) now and runs with tokio's
    /// clock from here: for simulation.
    #[must_use]
    pub fn at(wall_at_start: Duration) -> Self {
        let source = Source::Tokio(tokio_now());
        Self { source, wall_at_start: Some(wall_at_start), timers: None }
    }

    /// As [`at`](Self::at), in a world that has its own time: `read` tells how much of it has passed.
    #[must_use]
    pub fn reading(read: Rc<dyn Fn() -> Duration>, wall_at_start: Duration) -> Self {
        let started = read();
        let source = Source::Given(read, started);
        Self { source, wall_at_start: Some(wall_at_start), timers: None }
    }

    /// The same clock, with every deadline of the client waited for by `timers`.
    #[must_use]
    pub fn with_timers(mut self, timers: Rc<dyn Timers>) -> Self {
        self.timers = Some(timers);
        self
    }

    pub(crate) fn timers(&self) -> Option<&dyn Timers> {
        self.timers.as_deref()
    }

    /// Reads both clocks.
    #[must_use]
    pub fn now(&self) -> Now {
        let elapsed = match &self.source {
            Source::Tokio(started) => tokio_now().saturating_duration_since(*started),
            Source::Given(read, started) => read().saturating_sub(*started),
        };
        let wall = self.wall_at_start.map_or_else(system_wall, |start| start + elapsed);
        Now { mono: Instant::new(elapsed), wall: Wall::new(wall) }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("wall_at_start", &self.wall_at_start).finish_non_exhaustive()
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
