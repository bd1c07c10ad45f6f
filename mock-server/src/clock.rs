//! The clock of the cloud, handed in from outside: a real one for `serve`, a virtual one in a
//! simulation. Nothing else in this crate asks what time it is.

use std::fmt;
use std::sync::Arc;

use crate::core::Now;

/// Tells the cloud what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Now + Send + Sync>);

impl Clock {
    /// A clock that reads `now`, which is called under the lock of the cloud and must not call it.
    pub fn new(now: impl Fn() -> Now + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
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

    pub(crate) fn now(&self) -> Now {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
