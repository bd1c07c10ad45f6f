//! Taking the lead: the lock is held; raise the epoch, read the store, start a client from it.

use std::collections::BTreeMap;

use super::leader::Lead;
use super::{Coordinator, Effect, Role};
use crate::store::records::END;
use crate::store::stored::Stored;
use crate::store::{Contents, StoreError};
use crate::time::Now;
use crate::types::{Because, Event, Feature, Notice, State};

/// Records that are told of at most.
const TOLD_ODD_MAX: usize = 100;

impl Coordinator {
    pub(super) fn lock_granted(&mut self, now: Now, out: &mut Vec<Effect>) {
        match self.role {
            Role::Following { because } => {
                let left = because == Because::First && self.watch.leader().is_some();
                let because = if left || self.epoch > 0 && because == Because::First {
                    Because::LeaderLeft
                } else {
                    because
                };
                self.raise_epoch(now, because, 0, out);
            }
            _ => out.push(Effect::ReleaseLock),
        }
    }

    pub(super) fn raise_epoch(
        &mut self,
        now: Now,
        because: Because,
        tries: u32,
        out: &mut Vec<Effect>,
    ) {
        let op = self.next_op();
        let until = now.mono + self.config.store_within;
        self.role = Role::RaisingEpoch { op, because, tries, until };
        out.push(Effect::RaiseEpoch(op));
    }

    pub(super) fn epoch_answered(
        &mut self,
        now: Now,
        op: u64,
        result: Result<u64, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        let Role::RaisingEpoch { op: current, because, tries, until } = self.role else { return };
        if op != current {
            return;
        }
        match result {
            Ok(epoch) if epoch <= self.epoch => {
                // Somebody cleared the store. The epoch goes on from what the tabs remember.
                let op = self.next_op();
                self.role = Role::RaisingEpoch { op, because, tries, until };
                out.push(Effect::Commit { op, epoch: self.epoch + 1, writes: Vec::new() });
            }
            raised => self.epoch_raised(now, because, tries, raised, out),
        }
    }

    /// The epoch is ours, if the store could raise it. One that cannot be read after that has failed
    /// once more.
    pub(super) fn epoch_raised(
        &mut self,
        now: Now,
        because: Because,
        tries: u32,
        raised: Result<u64, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        let epoch = match raised {
            Ok(epoch) => epoch,
            Err(error) => return self.try_again(now, because, tries, &error, out),
        };
        self.epoch = epoch;
        self.read_all(now, because, tries, out);
        self.beat(now, out);
    }

    pub(super) fn try_again(
        &mut self,
        now: Now,
        because: Because,
        tries: u32,
        error: &StoreError,
        out: &mut Vec<Effect>,
    ) {
        let passes = matches!(error, StoreError::Unavailable(_));
        if passes && tries + 1 < self.config.store_tries {
            let at = now.mono + self.config.store_retry;
            self.role = Role::Retrying { at, because, tries: tries + 1 };
            return;
        }
        self.alone(Feature::Store, error.to_string(), out);
    }

    pub(super) fn read_all(
        &mut self,
        now: Now,
        because: Because,
        tries: u32,
        out: &mut Vec<Effect>,
    ) {
        let op = self.next_op();
        let until = now.mono + self.config.store_within;
        self.role = Role::Reading { op, because, tries, until };
        out.push(Effect::Read { op, from: String::new(), to: END.into() });
    }

    pub(super) fn read(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Contents, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        if let Role::Reading { op: current, because, tries, .. } = self.role
            && op == current
        {
            return match result {
                Ok(contents) if contents.epoch > self.epoch => {
                    self.fenced(now, contents.epoch, out);
                }
                Ok(contents) => self.lead(now, because, &contents, out),
                Err(error) => self.try_again(now, because, tries, &error, out),
            };
        }
        if self.outbox_read(op, &result, out) {
            return;
        }
        self.caught_up(now, op, &result, out);
    }

    fn lead(&mut self, now: Now, because: Because, contents: &Contents, out: &mut Vec<Effect>) {
        let stored = Stored::read(contents);
        self.report_odd(&stored, out);
        if let Some(newer) = stored.odd.iter().find(|odd| odd.newer) {
            // To lead would be to write beside what this build cannot read.
            return self.alone(Feature::Store, format!("{newer}; reload this tab"), out);
        }
        let saved = stored.saved();
        let places = stored.feed.keys().copied().collect();
        // What was told and not stored comes again behind the cursor and gets the same numbers. A
        // store that was cleared has a cursor without a feed, or no guest: nothing comes again.
        let last = stored.feed.last_key_value().map(|(n, _)| *n).unwrap_or_default();
        let cleared = stored.guest.is_none() || last == 0 && stored.cursor > 0;
        self.feed.begin_epoch();
        let head = if cleared { last.max(self.feed.head()) } else { last };
        self.feed.take(stored.feed, out);
        let mut lead = Lead {
            because,
            state: State::Connecting,
            since: now.mono,
            beat_at: now.mono,
            guest: stored.guest,
            guest_is_new: false,
            cursor: stored.cursor,
            places,
            head,
            told: head,
            unsaved: BTreeMap::new(),
            owed: Vec::new(),
            taken: stored.outbox.last_key_value().map_or(0, |(number, _)| *number),
            pending: stored.outbox.iter().map(|(n, draft)| (draft.id, Some(*n))).collect(),
            seen: stored.seen.iter().map(|(n, seen)| (*n, seen.at_wall)).collect(),
            settled: stored.settled,
            changes: Vec::new(),
            committing: None,
            retry_at: None,
            tries: 0,
            pruned: false,
            reading: None,
            read_at: now.mono,
            behind: Vec::new(),
            leaving: None,
        };
        lead.prune(now, &self.config, false);
        self.role = Role::Leading(Box::new(lead));
        self.start_client(saved, out);
        self.poke_calls(now, out);
    }

    /// Tells of each record that cannot be read, once.
    pub(super) fn report_odd(&mut self, stored: &Stored, out: &mut Vec<Effect>) {
        for odd in &stored.odd {
            let (key, why) = (odd.key.clone(), odd.reason.clone());
            if self.told_odd.len() < TOLD_ODD_MAX && self.told_odd.insert(key.clone()) {
                out.push(Effect::Publish(Event::Notice(Notice::MalformedRecord { key, why })));
            }
        }
    }
}
