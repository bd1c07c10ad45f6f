//! The one exclusive lock that the tabs of a guest contend for: Web Locks in a browser.

use futures_util::future::LocalBoxFuture;
use thiserror::Error;

pub use crate::core::coordinator::Ask;

/// The lock cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("locks cannot be used: {0}")]
pub struct LocksError(pub String);

/// The lock manager that the tabs share. It frees the lock of a tab that dies, and keeps that of a
/// tab that is frozen.
pub trait TabLocks {
    /// Resolves when the lock is granted. Dropping the future before takes the request back. One
    /// that was granted and stolen before the tab ran again resolves too, to a lock that is lost at
    /// once: an error says that there are no locks at all, and the tab goes its own way.
    fn request(
        &self,
        name: &str,
        ask: Ask,
    ) -> LocalBoxFuture<'static, Result<HeldLock, LocksError>>;
}

/// The lock, held until this is dropped or somebody steals it.
#[must_use = "dropping it releases the lock"]
pub struct HeldLock {
    lost: Option<LocalBoxFuture<'static, ()>>,
    release: Option<Box<dyn FnOnce()>>,
}

impl HeldLock {
    /// `lost` resolves when the lock is stolen; `release` runs when this is dropped, stolen or not.
    pub fn new(lost: LocalBoxFuture<'static, ()>, release: impl FnOnce() + 'static) -> Self {
        Self { lost: Some(lost), release: Some(Box::new(release)) }
    }

    /// Resolves when the lock is stolen. There is one such future; later calls get `None`.
    pub fn take_lost(&mut self) -> Option<LocalBoxFuture<'static, ()>> {
        self.lost.take()
    }
}

impl Drop for HeldLock {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            release();
        }
    }
}

impl std::fmt::Debug for HeldLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HeldLock")
    }
}
