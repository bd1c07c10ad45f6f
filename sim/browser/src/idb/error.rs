//! What can go wrong, under the names that a browser's `DOMException` has.

use thiserror::Error;

/// Why a database, a transaction or a request failed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdbError {
    /// The stored version is higher than the one asked for.
    #[error("VersionError: version {asked} asked for, the database is at {stored}")]
    Version {
        /// What was asked for.
        asked: u32,
        /// What is there.
        stored: u32,
    },
    /// The object cannot do this in its present state.
    #[error("InvalidStateError: {0}")]
    InvalidState(String),
    /// The browser gives no better reason.
    #[error("UnknownError: {0}")]
    Unknown(String),
    /// A key that must be new is there already.
    #[error("ConstraintError: {what} `{name}` exists")]
    Constraint {
        /// `key` or `object store`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// There is no such object store, or the transaction did not name it.
    #[error("NotFoundError: no object store `{0}` here")]
    NotFound(String),
    /// The key does not fit the object store.
    #[error("DataError: {0}")]
    Data(String),
    /// A write in a transaction that only reads.
    #[error("ReadOnlyError: the transaction on `{0}` only reads")]
    ReadOnly(String),
    /// An argument that no call takes.
    #[error("TypeError: {0}")]
    Type(String),
    /// The transaction has no request outstanding any more, so it takes no new one.
    #[error("TransactionInactiveError: the transaction has committed itself or ended")]
    TransactionInactive,
    /// The transaction was taken back.
    #[error("AbortError: {0}")]
    Abort(String),
    /// The transaction does not fit any more; it was taken back as a whole.
    #[error("QuotaExceededError: {needed} bytes are needed, the quota is {quota}")]
    QuotaExceeded {
        /// What the origin would use after the commit.
        needed: u64,
        /// What it may use.
        quota: u64,
    },
}
