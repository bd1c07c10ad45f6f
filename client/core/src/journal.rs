//! What survives a restart: pending messages, the guest, the cursor, what is to be waited for.
//!
//! A journal is a fold of entries: [`Saved::apply`] says what each amounts to.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::credentials::SavedGuest;
use crate::inbound::SEEN_MAX;
use crate::outbox::Draft;
use crate::time::Wall;
use crate::waits::{Call, Waits};

/// One fact to remember. Its `Debug` shows neither the token nor what people wrote.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entry {
    /// A message was accepted.
    Accepted {
        /// Idempotency key.
        id: Uuid,
        /// Text.
        text: String,
        /// When.
        at_wall: Wall,
    },
    /// A message has ended, delivered or not.
    Settled {
        /// Idempotency key.
        id: Uuid,
    },
    /// A guest was created or its token refreshed. Another guest means another conversation: the
    /// cursor starts again.
    Guest {
        /// `webchatInstanceId`.
        instance: String,
        /// Bearer token of the guest; treat the journal as a secret.
        token: String,
        /// When the token expires.
        expires_at_wall: Wall,
    },
    /// Every agent message up to here was shown.
    Cursor {
        /// Its position in the conversation.
        sequence: u64,
    },
    /// An agent message without a number was shown.
    Seen {
        /// The server's id of it.
        id: String,
        /// When.
        at_wall: Wall,
    },
    /// A server asked to be left alone.
    NotBefore {
        /// Where.
        #[serde(rename = "door")]
        call: Call,
        /// Until when; it takes the place of what was recorded for this call before.
        until_wall: Wall,
    },
    /// A connection try has failed, or, with no failures, a session has proven itself.
    Backoff {
        /// Failed tries in a row.
        failures: u32,
        /// When the next one is due.
        until_wall: Wall,
    },
}

impl From<SavedGuest> for Entry {
    fn from(guest: SavedGuest) -> Self {
        let SavedGuest { instance, token, expires_at: expires_at_wall } = guest;
        Self::Guest { instance, token, expires_at_wall }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { id, text, .. } => write!(f, "Accepted({id}, {} bytes)", text.len()),
            Self::Settled { id } => write!(f, "Settled({id})"),
            Self::Guest { instance, .. } => write!(f, "Guest({instance})"),
            Self::Cursor { sequence } => write!(f, "Cursor({sequence})"),
            Self::Seen { id, .. } => write!(f, "Seen({id})"),
            Self::NotBefore { call, until_wall } => {
                write!(f, "NotBefore({}, {until_wall:?})", call.name())
            }
            Self::Backoff { failures, until_wall } => {
                write!(f, "Backoff({failures}, {until_wall:?})")
            }
        }
    }
}

/// A pending message as it survives a restart. Its `Debug` does not show the text.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedMessage {
    /// Idempotency key.
    pub id: Uuid,
    /// Text.
    pub text: String,
    /// When it was accepted.
    pub at_wall: Wall,
}

impl From<SavedMessage> for Draft {
    fn from(SavedMessage { id, text, at_wall }: SavedMessage) -> Self {
        Self { id, text, accepted_at: at_wall }
    }
}

impl fmt::Debug for SavedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, text, at_wall } = self;
        write!(f, "SavedMessage({id}, {} bytes, {at_wall:?})", text.len())
    }
}

/// A message without a number that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSeen {
    /// The server's id of it.
    pub id: String,
    /// When.
    pub at_wall: Wall,
}

/// How long it is remembered that a message without a number was shown: 30 days (article 004), and
/// never more than [`SEEN_MAX`] of them.
pub const SEEN_LIFE: Duration = Duration::from_hours(30 * 24);

/// How many of the oldest are forgotten when another is remembered at `now`, itself included.
#[must_use]
pub fn forgotten(times: impl ExactSizeIterator<Item = Wall>, now: Wall) -> usize {
    let too_many = times.len().saturating_sub(SEEN_MAX);
    times.take_while(|at| now.since(*at) > SEEN_LIFE).count().max(too_many)
}

/// What all entries together amount to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// The last guest.
    pub guest: Option<SavedGuest>,
    /// The last sequence shown of its conversation.
    pub cursor: u64,
    /// Shown of it without a number, the oldest first.
    pub seen: Vec<SavedSeen>,
    /// Accepted and not settled, in order of acceptance.
    pub pending: Vec<SavedMessage>,
    /// What is to be waited for, whoever goes on.
    pub waits: Waits,
    /// What was there and could not be read, and why. It is reported and stays where it is.
    pub unreadable: Vec<String>,
}

impl Saved {
    /// Folds one more entry in.
    pub fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Accepted { id, text, at_wall } => {
                self.pending.push(SavedMessage { id: *id, text: text.clone(), at_wall: *at_wall });
            }
            Entry::Settled { id } => self.pending.retain(|message| message.id != *id),
            Entry::Guest { instance, token, expires_at_wall } => {
                if self.guest.as_ref().is_none_or(|guest| guest.instance != *instance) {
                    self.cursor = 0;
                    self.seen.clear();
                }
                self.guest = Some(SavedGuest {
                    instance: instance.clone(),
                    token: token.clone(),
                    expires_at: *expires_at_wall,
                });
            }
            Entry::Cursor { sequence } => self.cursor = *sequence,
            Entry::Seen { id, at_wall } => {
                self.seen.push(SavedSeen { id: id.clone(), at_wall: *at_wall });
                let times = self.seen.iter().map(|seen| seen.at_wall);
                self.seen.drain(..forgotten(times, *at_wall));
            }
            Entry::NotBefore { call, until_wall } => {
                self.waits.not_before.insert(*call, *until_wall);
            }
            Entry::Backoff { failures, until_wall } => {
                self.waits.failures = *failures;
                self.waits.until_wall = *until_wall;
            }
        }
    }
}
