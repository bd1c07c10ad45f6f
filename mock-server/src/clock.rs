//! The clock of the cloud, handed in from outside: a real one for `serve`, a virtual one in a
//! simulation, or one that can be steered. Nothing else in this crate asks what time it is.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::core::Now;

/// Tells the cloud what time it is.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Now + Send + Sync>,
    steering: Option<Arc<Steering>>,
}

/// How fast a steered clock runs, in thousandths of real time; 0 stands still.
const REAL_TIME: u64 = 1000;

struct Steering {
    real: Clock,
    course: Mutex<Course>,
    changed: Notify,
}

/// From `since` on the real clock, the shown one runs on from `shown` at `speed`.
#[derive(Clone, Copy)]
struct Course {
    since: Duration,
    shown: Duration,
    speed: u64,
}

impl Course {
    fn at(self, real: Duration) -> Duration {
        let elapsed = real.saturating_sub(self.since);
        if self.speed == REAL_TIME {
            return self.shown.saturating_add(elapsed);
        }
        let elapsed = elapsed.as_nanos();
        let scaled = elapsed.saturating_mul(u128::from(self.speed)) / u128::from(REAL_TIME);
        self.shown + Duration::from_nanos(u64::try_from(scaled).unwrap_or(u64::MAX))
    }
}

impl Clock {
    /// A clock that reads `now`, which is called under the lock of the cloud and must not call it.
    pub fn new(now: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), steering: None }
    }

    /// The clock of this machine; monotonic time counts from this call.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that injects real time")]
    pub fn system() -> Self {
        let start = std::time::Instant::now();
        Self::new(move || Now {
            mono: start.elapsed(),
            wall: std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap_or_default(),
        })
    }

    /// A clock that begins like `real`, runs `thousandths` as fast, and can be advanced. Its wall
    /// clock runs with it, so that a step of the real one does not show.
    #[must_use]
    pub fn steered(real: Self, thousandths: u64) -> Self {
        let begin = real.now();
        let course = Course { since: begin.mono, shown: begin.mono, speed: thousandths };
        let changed = Notify::new();
        let steering = Arc::new(Steering { real, course: Mutex::new(course), changed });
        let shown = Arc::clone(&steering);
        let now = move || {
            let mono = shown.lock().at(shown.real.now().mono);
            Now { mono, wall: begin.wall + mono.saturating_sub(begin.mono) }
        };
        Self { now: Arc::new(now), steering: Some(steering) }
    }

    /// Moves a steered clock ahead; any other stays as it is.
    pub fn advance(&self, by: Duration) {
        self.steer(|course| course.shown = course.shown.saturating_add(by));
    }

    /// From now on a steered clock runs `thousandths` as fast as real time; 0 stands still.
    pub fn set_speed(&self, thousandths: u64) {
        self.steer(|course| course.speed = thousandths);
    }

    /// How fast it runs, in thousandths of real time.
    #[must_use]
    pub fn speed(&self) -> u64 {
        self.steering.as_ref().map_or(REAL_TIME, |steering| steering.lock().speed)
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Now {
        (self.now)()
    }

    /// Waits until this clock is `by` later.
    pub(crate) async fn sleep(&self, by: Duration) {
        let Some(steering) = &self.steering else { return tokio::time::sleep(by).await };
        let until = self.now().mono.saturating_add(by);
        loop {
            // Asked for before the clock is read, so that no change is missed.
            let mut changed = std::pin::pin!(steering.changed.notified());
            changed.as_mut().enable();
            let left = until.saturating_sub(self.now().mono);
            if left.is_zero() {
                return;
            }
            match steering.real_time(left) {
                None => changed.await,
                Some(real) => tokio::select! {
                    biased;
                    () = changed => {}
                    () = tokio::time::sleep(real) => {}
                },
            }
        }
    }

    /// Whether timers of the system would be wrong.
    pub(crate) fn is_steered(&self) -> bool {
        self.steering.is_some()
    }

    fn steer(&self, change: impl FnOnce(&mut Course)) {
        let Some(steering) = &self.steering else { return };
        {
            let mut course = steering.lock();
            let real = steering.real.now().mono;
            *course = Course { since: real, shown: course.at(real), ..*course };
            change(&mut course);
        }
        steering.changed.notify_waiters();
    }
}

impl Steering {
    /// How long `shown` takes on the real clock; `None` when it never passes.
    fn real_time(&self, shown: Duration) -> Option<Duration> {
        let speed = u128::from(self.lock().speed);
        let nanos = shown.as_nanos().saturating_mul(u128::from(REAL_TIME)).checked_div(speed)?;
        // A moment more, so that rounding never wakes too early.
        Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX).saturating_add(1)))
    }

    fn lock(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
