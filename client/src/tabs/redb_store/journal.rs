//! The journal of one client in a [`RedbStore`], in the records that tabs would share.
//!
//! It refuses to delete what it cannot read: such a record is reported, and stays.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::RedbStore;
use crate::core::credentials::SavedGuest;
use crate::core::journal::{Entry, Saved, forgotten};
use crate::core::outbox::Draft;
use crate::core::time::Wall;
use crate::journal::{Journal, JournalError};
use crate::tabs::records::{
    BACKOFF, BackoffRecord, CURSOR, CursorRecord, GUEST, GuestRecord, NOT_BEFORE, NotBeforeRecord,
    OUTBOX, OutboxRecord, SEEN, SeenRecord, append, millis, millis_up, put,
};
use crate::tabs::stored::Stored;
use crate::tabs::{Contents, StoreError, Write, numbered};

/// Remembers in a file: what was recorded is on the disk when `record` returns.
///
/// It takes the lead of the store when it is loaded; a journal that was loaded before is fenced.
#[derive(Debug)]
pub struct RedbJournal {
    store: RedbStore,
    epoch: u64,
    /// Whose conversation the cursor is about.
    instance: String,
    /// Under which key each pending message is.
    outbox: BTreeMap<Uuid, String>,
    /// When and under which key it was remembered that a message without a number was shown.
    seen: Vec<(Wall, String)>,
}

impl RedbJournal {
    pub(super) const fn new(store: RedbStore) -> Self {
        Self { store, epoch: 0, instance: String::new(), outbox: BTreeMap::new(), seen: Vec::new() }
    }

    fn fold(&mut self, contents: &Contents) -> Saved {
        let stored = Stored::read(contents);
        let keyed = stored.outbox.iter().map(|(n, draft)| (draft.id, numbered(OUTBOX, *n)));
        self.outbox = keyed.collect();
        let keyed = stored.seen.iter().map(|(n, seen)| (seen.at_wall, numbered(SEEN, *n)));
        self.seen = keyed.collect();
        if let Some(guest) = &stored.guest {
            self.instance.clone_from(&guest.instance);
        }
        stored.saved()
    }

    /// How many of the oldest give way to one more at `now`.
    fn forgotten(&self, now: Wall) -> usize {
        let times: Vec<Wall> = self.seen.iter().map(|(at, _)| *at).chain([now]).collect();
        forgotten(times.into_iter(), now)
    }

    fn writes_for(&mut self, entry: &Entry) -> Vec<Write> {
        match entry {
            Entry::Accepted { id, text, at_wall } => {
                let (id, accepted_at) = (*id, *at_wall);
                let record = OutboxRecord::from(&Draft { id, text: text.clone(), accepted_at });
                vec![append(OUTBOX, &record)]
            }
            // A message that was refused at once was never accepted.
            Entry::Settled { id } => {
                let key = self.outbox.get(id).cloned();
                key.map(|key| Write::Delete { key }).into_iter().collect()
            }
            Entry::Guest { instance, token, expires_at_wall } => {
                let mut writes = Vec::new();
                if self.instance != *instance {
                    self.instance.clone_from(instance);
                    writes.push(Write::Delete { key: CURSOR.into() });
                    writes.extend(self.seen.iter().map(|(_, key)| delete(key)));
                }
                let (instance, token) = (instance.clone(), token.clone());
                let guest = SavedGuest { instance, token, expires_at: *expires_at_wall };
                writes.push(put(GUEST, &GuestRecord::from(&guest)));
                writes
            }
            Entry::Cursor { sequence } => {
                let (instance, sequence) = (self.instance.clone(), *sequence);
                vec![put(CURSOR, &CursorRecord { instance, sequence })]
            }
            Entry::Seen { id, at_wall } => {
                let record = SeenRecord { id: id.clone(), at_ms: millis(*at_wall) };
                let old = self.seen[..self.forgotten(*at_wall)].iter();
                old.map(|(_, key)| delete(key)).chain([append(SEEN, &record)]).collect()
            }
            Entry::NotBefore { call, until_wall } => {
                let key = format!("{NOT_BEFORE}{}", call.name());
                vec![put(key, &NotBeforeRecord { until_ms: millis_up(*until_wall) })]
            }
            Entry::Backoff { failures, until_wall } => {
                let (failures, until_ms) = (*failures, millis_up(*until_wall));
                vec![put(BACKOFF, &BackoffRecord { failures, until_ms })]
            }
        }
    }
}

impl Journal for RedbJournal {
    fn load(&mut self) -> Result<Saved, JournalError> {
        self.epoch = self.store.raise_epoch_now()?;
        // Everything: no key is at or behind this one.
        let contents = self.store.read_now("", "\u{10ffff}")?;
        Ok(self.fold(&contents))
    }

    fn record(&mut self, entry: &Entry) -> Result<(), JournalError> {
        let writes = self.writes_for(entry);
        if writes.is_empty() {
            return Ok(());
        }
        let appended = self.store.commit_now(self.epoch, &writes)?;
        match entry {
            Entry::Accepted { id, .. } => {
                self.outbox.extend(appended.into_iter().map(|key| (*id, key)));
            }
            Entry::Settled { id } => drop(self.outbox.remove(id)),
            Entry::Seen { at_wall, .. } => {
                self.seen.drain(..self.forgotten(*at_wall));
                self.seen.extend(appended.into_iter().map(|key| (*at_wall, key)));
            }
            // Another guest: what the one before was shown went with its cursor.
            Entry::Guest { .. } if writes.len() > 1 => self.seen.clear(),
            _ => {}
        }
        Ok(())
    }
}

fn delete(key: &str) -> Write {
    Write::Delete { key: key.into() }
}

impl From<StoreError> for JournalError {
    fn from(error: StoreError) -> Self {
        Self { detail: error.to_string() }
    }
}
