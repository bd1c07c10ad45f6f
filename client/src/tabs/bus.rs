//! How tabs talk: a `BroadcastChannel` in a browser.

use thiserror::Error;

/// A message could not be posted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the channel cannot be used: {0}")]
pub struct BusError(pub String);

/// A channel to every other tab of the same guest.
///
/// It promises little: messages of one tab arrive in order or not at all, late or never at a tab that
/// is frozen, and any script of the site may post on it.
pub trait Bus {
    /// Posts to every other tab that listens now.
    fn post(&self, message: &str) -> Result<(), BusError>;

    /// Calls `hear` with each message of another tab, until the answer is dropped.
    fn listen(&self, hear: Box<dyn Fn(String)>) -> Listening;
}

/// Listens for as long as it lives.
#[must_use = "dropping it ends the listening"]
pub struct Listening(Option<Box<dyn FnOnce()>>);

impl Listening {
    /// `stop` runs when this is dropped.
    pub fn new(stop: impl FnOnce() + 'static) -> Self {
        Self(Some(Box::new(stop)))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(stop) = self.0.take() {
            stop();
        }
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listening")
    }
}
