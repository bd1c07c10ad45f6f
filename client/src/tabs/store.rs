//! The store that all tabs of one guest share, as it is lent to them.

use futures_util::future::LocalBoxFuture;

use crate::core::store::{Contents, StoreError, Write};

/// Where the tabs of one guest remember things: `IndexedDB` in a browser, one file elsewhere.
///
/// **Each call is one transaction: all of it or nothing, and what a commit wrote is durable when its
/// future resolves.** Dropping a future does not take the request back.
pub trait StateStore {
    /// The records with `from <= key < to`.
    fn read(&self, from: &str, to: &str) -> LocalBoxFuture<'static, Result<Contents, StoreError>>;

    /// Raises the epoch by one and returns it. A store that is full can still do so: the number it
    /// replaces makes the room.
    fn raise_epoch(&self) -> LocalBoxFuture<'static, Result<u64, StoreError>>;

    /// Applies all of `writes` in order, unless the stored epoch is above `epoch`; a stored epoch
    /// below it becomes `epoch`. Returns the keys of what was appended, in order.
    fn commit(
        &self,
        epoch: u64,
        writes: Vec<Write>,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, StoreError>>;
}
