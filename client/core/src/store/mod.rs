//! What all tabs of one guest remember together: records under text keys, fenced by an epoch.
//!
//! The store keeps one number beside its records, the epoch. A tab that takes the lead raises it,
//! and a write that names an older one is refused as a whole: a leader that was replaced while it
//! slept cannot undo what its successor wrote.
//!
//! - [`records`]: how each record is written.
//! - [`stored`]: everything a store holds, read at once.

pub mod records;
pub mod stored;

use std::fmt;

use thiserror::Error;

/// Records of a range, in order of their keys, and the epoch they were read at. Its `Debug` shows
/// keys alone, as that of [`Write`] does.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The stored epoch; 0 before the first claim.
    pub epoch: u64,
    /// Key and value.
    pub records: Vec<(String, String)>,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.records.iter().map(|(key, _)| key.as_str()).collect();
        f.debug_struct("Contents").field("epoch", &self.epoch).field("keys", &keys).finish()
    }
}

/// One change. Its `Debug` shows keys alone: values can be tokens and what people wrote.
#[derive(Clone, PartialEq, Eq)]
pub enum Write {
    /// Writes a record, new or not.
    Put {
        /// Its key.
        key: String,
        /// Its value.
        value: String,
    },
    /// Removes a record, there or not.
    Delete {
        /// Its key.
        key: String,
    },
    /// Writes a record under the next number of a prefix, from 1: [`numbered`] says how its key
    /// looks. A number is never used twice, not even when its record was removed.
    Append {
        /// Such as `outbox/`.
        prefix: String,
        /// Its value.
        value: String,
    },
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, .. } => write!(f, "Put({key})"),
            Self::Delete { key } => write!(f, "Delete({key})"),
            Self::Append { prefix, .. } => write!(f, "Append({prefix})"),
        }
    }
}

/// The key of record `number` of a prefix: 20 digits, so that keys sort as numbers do.
#[must_use]
pub fn numbered(prefix: &str, number: u64) -> String {
    format!("{prefix}{number:020}")
}

/// The number in a key made by [`numbered`]; none beyond 2^53, which nobody counts to.
#[must_use]
pub fn number_of(prefix: &str, key: &str) -> Option<u64> {
    let digits = key.strip_prefix(prefix).filter(|digits| digits.len() == 20)?;
    digits.parse().ok().filter(|number| *number <= 1 << 53)
}

/// Why the store did not do what it was asked. Nothing of the request was written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The request names an epoch that is over.
    #[error("epoch {asked} is over, the store is at {stored}")]
    Fenced {
        /// The epoch of the request.
        asked: u64,
        /// The epoch of the store.
        stored: u64,
    },
    /// There is no room.
    #[error("no room to write: {0}")]
    Full(String),
    /// The store cannot be opened, or is gone; trying again later may help.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// What is there is not ours, or not readable; it is left as it is.
    #[error("the store is refused and left untouched: {0}")]
    Foreign(String),
}
