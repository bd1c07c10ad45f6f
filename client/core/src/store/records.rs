//! How what is remembered is written in a store: one JSON object per
//! record, with its version in `v`.
//!
//! It refuses to guess: a record of another version or another shape is an error that names the key
//! and the reason. Whoever reads it skips and reports it, and leaves it where it is.

use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::credentials::SavedGuest;
use crate::outbox::Draft;
use crate::store::Write;
use crate::time::Wall;
use crate::types::{Inbound, Outcome};

/// Key of the one [`GuestRecord`].
pub const GUEST: &str = "guest";

/// Key of the one [`CursorRecord`].
pub const CURSOR: &str = "cursor";

/// Prefix of the [`OutboxRecord`]s, which are appended: their numbers are their order.
pub const OUTBOX: &str = "outbox/";

/// Prefix of the [`SeenRecord`]s, which are appended.
pub const SEEN: &str = "seen/";

/// Prefix of the [`FeedRecord`]s, whose numbers are their positions.
pub const FEED: &str = "feed/";

/// Prefix of the [`SettledRecord`]s; the rest of the key is the call id.
pub const SETTLED: &str = "settled/";

/// Behind every key with a prefix of ours: letters, digits and slashes sort before it.
pub const END: &str = "~";

/// Prefix of the [`NotBeforeRecord`]s; the rest of the key is the name of a
/// [`Call`](crate::waits::Call).
pub const NOT_BEFORE: &str = "not-before/";

/// Key of the one [`BackoffRecord`].
pub const BACKOFF: &str = "backoff";

/// The version written, and the only one read.
pub const VERSION: u64 = 1;

/// The guest that all share.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestRecord {
    /// `webchatInstanceId`.
    pub instance: String,
    /// Bearer token of the guest: a secret.
    pub token: String,
    /// When the token expires, in milliseconds since the UNIX epoch.
    pub expires_at_ms: u64,
}

// Logs and failed assertions show whose token it is, never the token.
impl fmt::Debug for GuestRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuestRecord").field("instance", &self.instance).finish_non_exhaustive()
    }
}

/// How far the conversation of one guest was shown. It says nothing about another guest's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorRecord {
    /// `webchatInstanceId` of the guest.
    pub instance: String,
    /// The last sequence shown.
    pub sequence: u64,
}

/// A message that was accepted and has not ended. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRecord {
    /// Idempotency key.
    pub id: Uuid,
    /// Text.
    pub text: String,
    /// When it was accepted, in milliseconds since the UNIX epoch.
    pub at_ms: u64,
}

impl fmt::Debug for OutboxRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutboxRecord({}, {} bytes)", self.id, self.text.len())
    }
}

/// A message of the agent without a number that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRecord {
    /// The server's id of it.
    pub id: String,
    /// When, in milliseconds since the UNIX epoch.
    pub at_ms: u64,
}

/// What the agent wrote, as every tab shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRecord {
    /// It.
    pub message: Inbound,
}

/// How a message ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledRecord {
    /// How.
    pub outcome: Outcome,
    /// When, in milliseconds since the UNIX epoch.
    pub at_ms: u64,
}

/// Until when a server asked to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotBeforeRecord {
    /// In milliseconds since the UNIX epoch, never earlier than it was told.
    pub until_ms: u64,
}

/// How connecting has gone lately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackoffRecord {
    /// Failed tries in a row.
    pub failures: u32,
    /// When the next one is due, in milliseconds since the UNIX epoch.
    pub until_ms: u64,
}

/// A record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("record {key:?} is skipped and left as it is: {reason}")]
pub struct RecordError {
    /// Its key.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether another build wrote it, which must not be overwritten.
    pub newer: bool,
}

impl RecordError {
    pub(super) fn malformed(key: &str, reason: impl Into<String>) -> Self {
        Self { key: key.to_owned(), reason: reason.into(), newer: false }
    }
}

/// Writes a record under a key.
#[must_use]
pub fn put<T: Serialize>(key: impl Into<String>, body: &T) -> Write {
    Write::Put { key: key.into(), value: encode(body) }
}

/// Adds a record under the next number of a prefix.
#[must_use]
pub fn append<T: Serialize>(prefix: &str, body: &T) -> Write {
    Write::Append { prefix: prefix.into(), value: encode(body) }
}

/// The text of a record.
#[must_use]
pub fn encode<T: Serialize>(body: &T) -> String {
    let versioned = Versioned { v: VERSION, body };
    serde_json::to_string(&versioned).expect("records are structs of text and numbers")
}

/// Reads the record that is stored under `key`.
pub fn decode<T: DeserializeOwned>(key: &str, text: &str) -> Result<T, RecordError> {
    let error = |reason: String| RecordError::malformed(key, reason);
    // The version first: a record of another one may have any shape.
    let Version { v } = serde_json::from_str(text).map_err(|odd| error(odd.to_string()))?;
    if v != VERSION {
        let reason = format!("it is of version {v}, and this program reads {VERSION}");
        return Err(RecordError { newer: v > VERSION, ..error(reason) });
    }
    let versioned: Versioned<T> =
        serde_json::from_str(text).map_err(|odd| error(odd.to_string()))?;
    Ok(versioned.body)
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u64,
    #[serde(flatten)]
    body: T,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

impl From<&SavedGuest> for GuestRecord {
    fn from(guest: &SavedGuest) -> Self {
        Self {
            instance: guest.instance.clone(),
            token: guest.token.clone(),
            expires_at_ms: millis(guest.expires_at),
        }
    }
}

impl From<GuestRecord> for SavedGuest {
    fn from(record: GuestRecord) -> Self {
        Self {
            instance: record.instance,
            token: record.token,
            expires_at: wall(record.expires_at_ms),
        }
    }
}

impl From<&Draft> for OutboxRecord {
    fn from(draft: &Draft) -> Self {
        Self { id: draft.id, text: draft.text.clone(), at_ms: millis(draft.accepted_at) }
    }
}

impl From<OutboxRecord> for Draft {
    fn from(record: OutboxRecord) -> Self {
        Self { id: record.id, text: record.text, accepted_at: wall(record.at_ms) }
    }
}

/// Wall time as it is written.
#[must_use]
pub const fn millis(wall: Wall) -> u64 {
    wall.since_epoch().as_millis() as u64
}

/// The same, rounded up: for what must not happen earlier.
#[must_use]
pub const fn millis_up(wall: Wall) -> u64 {
    wall.since_epoch().as_nanos().div_ceil(1_000_000) as u64
}

/// Wall time as it was written.
#[must_use]
pub const fn wall(millis: u64) -> Wall {
    Wall::new(Duration::from_millis(millis))
}
