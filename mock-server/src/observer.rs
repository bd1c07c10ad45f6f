//! Who hears what the core decided. It is told after the lock is released and before any answer
//! leaves, and it never learns texts or tokens.

use std::fmt;
use std::sync::Arc;

use crate::core::CloudEvent;

/// Receives every [`CloudEvent`].
#[derive(Clone)]
pub struct Observer(Arc<dyn Fn(&CloudEvent) + Send + Sync>);

impl Observer {
    /// An observer that calls `hear` for every event, on the thread where it happened.
    pub fn new(hear: impl Fn(&CloudEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hear))
    }

    /// An observer that listens to nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::new(|_| {})
    }

    pub(crate) fn hear(&self, event: &CloudEvent) {
        (self.0)(event);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
