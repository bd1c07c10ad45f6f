//! Everything a store holds, read at once.
//!
//! It refuses to lose what it cannot read: such a record is listed, and stays where it is.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::records::{
    BACKOFF, BackoffRecord, CURSOR, CursorRecord, FEED, FeedRecord, GUEST, GuestRecord, NOT_BEFORE,
    NotBeforeRecord, OUTBOX, OutboxRecord, RecordError, SEEN, SETTLED, SeenRecord, SettledRecord,
    decode, wall,
};
use super::{Contents, number_of};
use crate::credentials::SavedGuest;
use crate::journal::{Saved, SavedMessage, SavedSeen};
use crate::outbox::Draft;
use crate::time::Wall;
use crate::types::{Inbound, Outcome};
use crate::waits::{Call, Waits};

/// What the records of a store say.
#[derive(Debug, Clone, Default)]
pub struct Stored {
    /// The guest.
    pub guest: Option<SavedGuest>,
    /// The last sequence recorded of the guest's conversation; 0 before the first.
    pub cursor: u64,
    /// What is to be sent, by number.
    pub outbox: BTreeMap<u64, Draft>,
    /// What the agent wrote, by position.
    pub feed: BTreeMap<u64, Inbound>,
    /// Shown without a number of the server's, by number of the record.
    pub seen: BTreeMap<u64, SavedSeen>,
    /// What has ended, how, and when.
    pub settled: BTreeMap<Uuid, (Outcome, Wall)>,
    /// What is to be waited for.
    pub waits: Waits,
    /// What cannot be read.
    pub odd: Vec<RecordError>,
    conversation: Option<CursorRecord>,
}

impl Stored {
    /// Reads what a store, or a range of it, holds.
    #[must_use]
    pub fn read(contents: &Contents) -> Self {
        let mut stored = Self::default();
        for (key, text) in &contents.records {
            if let Err(error) = stored.take(key, text) {
                stored.odd.push(error);
            }
        }
        // How far another guest's conversation was shown says nothing about this one's.
        if let (Some(guest), Some(cursor)) = (&stored.guest, &stored.conversation)
            && guest.instance == cursor.instance
        {
            stored.cursor = cursor.sequence;
        }
        stored
    }

    /// What a client goes on from.
    #[must_use]
    pub fn saved(&self) -> Saved {
        let pending = self.outbox.values().cloned().map(|draft| SavedMessage {
            id: draft.id,
            text: draft.text,
            at_wall: draft.accepted_at,
        });
        Saved {
            guest: self.guest.clone(),
            cursor: self.cursor,
            seen: self.seen.values().cloned().collect(),
            pending: pending.collect(),
            waits: self.waits.clone(),
            unreadable: self.odd.iter().map(RecordError::to_string).collect(),
        }
    }

    fn take(&mut self, key: &str, text: &str) -> Result<(), RecordError> {
        if key == GUEST {
            self.guest = Some(decode::<GuestRecord>(key, text)?.into());
        } else if key == CURSOR {
            self.conversation = Some(decode(key, text)?);
        } else if key == BACKOFF {
            let record: BackoffRecord = decode(key, text)?;
            self.waits.failures = record.failures;
            self.waits.until_wall = wall(record.until_ms);
        } else if let Some(call) = call_of(key) {
            let record: NotBeforeRecord = decode(key, text)?;
            self.waits.not_before.insert(call, wall(record.until_ms));
        } else if let Some((number, record)) = numbered::<OutboxRecord>(OUTBOX, key, text)? {
            self.outbox.insert(number, record.into());
        } else if let Some((number, record)) = numbered::<FeedRecord>(FEED, key, text)? {
            self.feed.insert(number, record.message);
        } else if let Some((number, record)) = numbered::<SeenRecord>(SEEN, key, text)? {
            let at_wall = wall(record.at_ms);
            self.seen.insert(number, SavedSeen { id: record.id, at_wall });
        } else if let Some(id) = key.strip_prefix(SETTLED) {
            let odd = |_| RecordError::malformed(key, "not a call id");
            let id: Uuid = id.parse().map_err(odd)?;
            let record: SettledRecord = decode(key, text)?;
            self.settled.insert(id, (record.outcome, wall(record.at_ms)));
        }
        // A key that is not known here is a newer build's, and none of this one's business.
        Ok(())
    }
}

fn numbered<T: DeserializeOwned>(
    prefix: &str,
    key: &str,
    text: &str,
) -> Result<Option<(u64, T)>, RecordError> {
    let Some(number) = number_of(prefix, key) else { return Ok(None) };
    Ok(Some((number, decode(key, text)?)))
}

fn call_of(key: &str) -> Option<Call> {
    let name = key.strip_prefix(NOT_BEFORE)?;
    Call::ALL.into_iter().find(|call| call.name() == name)
}
