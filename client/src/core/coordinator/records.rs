//! The records of the store: JSON with a version, one reader and one writer for all of them.
//!
//! What cannot be read is reported and left where it is: another build may still need it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::core::outbox::Draft;
use crate::core::session::SavedGuest;
use crate::core::time::Wall;
use crate::core::types::{Inbound, Outcome};
use crate::tabs::{Contents, Write, number_of, numbered};

/// Version of the records.
const VERSION: u32 = 1;

/// Key of the guest.
pub const GUEST: &str = "guest";
/// Key of the inbound cursor.
pub const CURSOR: &str = "cursor";
/// Prefix of messages that are to be sent.
pub const OUTBOX: &str = "outbox/";
/// Prefix of what the agent wrote.
pub const FEED: &str = "feed/";
/// Prefix of the ids of what the agent wrote.
pub const SEEN: &str = "seen/";
/// Prefix of what has ended.
pub const SETTLED: &str = "settled/";
/// Behind every key of ours, which are plain ASCII.
pub const END: &str = "~";

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u32,
    #[serde(flatten)]
    record: T,
}

#[derive(Serialize, Deserialize)]
struct Guest {
    instance: String,
    token: String,
    expires_at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    instance: String,
    sequence: u64,
}

#[derive(Serialize, Deserialize)]
struct Outgoing {
    id: Uuid,
    text: String,
    at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Ended {
    outcome: Outcome,
    at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Mark {
    at_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Said {
    message: Inbound,
}

/// Everything the store holds, read.
#[derive(Debug, Clone, Default)]
pub struct Records {
    /// The guest.
    pub guest: Option<SavedGuest>,
    /// Last sequence recorded of the guest's conversation.
    pub cursor: u64,
    /// What is to be sent, in order.
    pub outbox: BTreeMap<u64, Draft>,
    /// What the agent wrote, by position.
    pub feed: BTreeMap<u64, Inbound>,
    /// Ids of what the agent wrote, and when it came.
    pub seen: BTreeMap<String, Wall>,
    /// What has ended, and when.
    pub settled: BTreeMap<Uuid, (Outcome, Wall)>,
    /// Key and fault of what cannot be read.
    pub odd: Vec<(String, String)>,
}

impl Records {
    /// Reads what a store holds.
    #[must_use]
    pub fn read(contents: &Contents) -> Self {
        let mut records = Self::default();
        let mut cursor = None;
        for (key, value) in &contents.records {
            if let Err(fault) = records.take(key, value, &mut cursor) {
                records.odd.push((key.clone(), fault));
            }
        }
        // The cursor of a conversation that is gone says nothing about the next one.
        records.cursor = cursor
            .filter(|cursor: &Cursor| {
                records.guest.as_ref().is_some_and(|guest| guest.instance == cursor.instance)
            })
            .map_or(0, |cursor| cursor.sequence);
        records
    }

    fn take(&mut self, key: &str, value: &str, cursor: &mut Option<Cursor>) -> Result<(), String> {
        if key == GUEST {
            let guest: Guest = decode(value)?;
            self.guest = Some(SavedGuest {
                instance: guest.instance,
                token: guest.token,
                expires_at: wall(guest.expires_at_ms),
            });
        } else if key == CURSOR {
            *cursor = Some(decode(value)?);
        } else if let Some(number) = number_of(OUTBOX, key) {
            let Outgoing { id, text, at_ms } = decode(value)?;
            self.outbox.insert(number, Draft { id, text, accepted_at: wall(at_ms) });
        } else if let Some(number) = number_of(FEED, key) {
            let Said { message } = decode(value)?;
            self.feed.insert(number, message);
        } else if let Some(id) = key.strip_prefix(SEEN) {
            let Mark { at_ms } = decode(value)?;
            self.seen.insert(id.to_owned(), wall(at_ms));
        } else if let Some(id) = key.strip_prefix(SETTLED) {
            let id = id.parse().map_err(|_| "not a call id".to_owned())?;
            let Ended { outcome, at_ms } = decode(value)?;
            self.settled.insert(id, (outcome, wall(at_ms)));
        }
        // A key that is not known here is a newer build's, and none of this one's business.
        Ok(())
    }
}

/// Remembers the guest.
#[must_use]
pub fn put_guest(guest: &SavedGuest) -> Write {
    let record = Guest {
        instance: guest.instance.clone(),
        token: guest.token.clone(),
        expires_at_ms: millis(guest.expires_at),
    };
    put(GUEST.into(), record)
}

/// Remembers how far the conversation of `instance` is in the feed.
#[must_use]
pub fn put_cursor(instance: &str, sequence: u64) -> Write {
    put(CURSOR.into(), Cursor { instance: instance.to_owned(), sequence })
}

/// Adds a message that is to be sent.
#[must_use]
pub fn append_outbox(draft: &Draft) -> Write {
    let record =
        Outgoing { id: draft.id, text: draft.text.clone(), at_ms: millis(draft.accepted_at) };
    Write::Append { prefix: OUTBOX.into(), value: encode(record) }
}

/// Adds a message of the agent at a position.
#[must_use]
pub fn put_feed(number: u64, message: &Inbound) -> Write {
    put(numbered(FEED, number), Said { message: message.clone() })
}

/// Remembers an id.
#[must_use]
pub fn put_seen(id: &str, at: Wall) -> Write {
    put(format!("{SEEN}{id}"), Mark { at_ms: millis(at) })
}

/// Remembers how a message ended.
#[must_use]
pub fn put_settled(id: Uuid, outcome: &Outcome, at: Wall) -> Write {
    let record = Ended { outcome: outcome.clone(), at_ms: millis(at) };
    put(format!("{SETTLED}{id}"), record)
}

fn put<T: Serialize>(key: String, record: T) -> Write {
    Write::Put { key, value: encode(record) }
}

fn encode<T: Serialize>(record: T) -> String {
    serde_json::to_string(&Versioned { v: VERSION, record }).expect("a record is plain data")
}

fn decode<T: DeserializeOwned>(value: &str) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    let version: Version =
        serde_json::from_str(value).map_err(|error| format!("malformed: {error}"))?;
    if version.v != VERSION {
        return Err(format!("version {}, this build reads {VERSION}", version.v));
    }
    let read: Versioned<T> =
        serde_json::from_str(value).map_err(|error| format!("malformed: {error}"))?;
    Ok(read.record)
}

fn millis(wall: Wall) -> u64 {
    wall.since_epoch().as_millis() as u64
}

fn wall(millis: u64) -> Wall {
    Wall::new(Duration::from_millis(millis))
}
