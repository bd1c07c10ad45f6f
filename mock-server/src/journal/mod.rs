//! What a world has seen: requests, frames and faults, in order, numbered, and bounded. Whoever
//! reads says after which number; who comes late misses the oldest and is told how many. It
//! refuses to be on the way of anything: an entry is laid down with its time, and filed and judged when
//! the answer has left, or when somebody reads, whichever is first.

mod about;
mod entry;
mod filter;

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::Notify;

use crate::clock::Clock;
use crate::core::Now;
use crate::verdict::Oracles;

pub(crate) use about::About;
pub(crate) use entry::{Entry, excerpt, excerpt_of};
pub(crate) use filter::Filter;

/// Bytes that the entries of one journal may hold together.
const MAX_BYTES: usize = 8 << 20;
/// Entries that wait to be filed at a time.
const MAX_UNFILED: usize = 64;

/// One entry in its place.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// Its number, from 1 without gaps.
    pub(crate) seq: u64,
    /// When, on the tenant's clock.
    pub(crate) at_ms: u64,
    #[serde(flatten)]
    pub(crate) entry: Entry,
}

impl Record {
    /// One line of JSON, with the message that it is about.
    pub(crate) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(flatten)]
            record: &'a Record,
            #[serde(skip_serializing_if = "Option::is_none")]
            about: Option<&'a str>,
        }
        let line = Line { record: self, about: self.entry.message() };
        serde_json::to_string(&line).expect("entries have string keys and plain values")
    }
}

#[derive(Default)]
struct Ring {
    records: VecDeque<Arc<Record>>,
    bytes: usize,
    last: u64,
    oracles: Oracles,
    /// What was noted and has no number yet, with its time, oldest first.
    unfiled: Vec<(Now, Entry)>,
    /// Nothing will be written any more.
    is_over: bool,
}

impl Ring {
    /// Gives every entry its number, lets the oracles see it, and forgets what is too much.
    fn file(&mut self, max_entries: usize) {
        for (now, entry) in self.unfiled.drain(..) {
            self.last += 1;
            let at_ms = now.mono.as_millis() as u64;
            let record = Record { seq: self.last, at_ms, entry };
            self.oracles.observe(&record, now.wall);
            self.bytes += record.entry.bytes();
            self.records.push_back(Arc::new(record));
        }
        while self.records.len() > max_entries || self.bytes > MAX_BYTES {
            let Some(oldest) = self.records.pop_front() else { break };
            self.bytes -= oldest.entry.bytes();
        }
    }
}

/// The journal of one world.
pub(crate) struct Journal {
    max_entries: usize,
    clock: Clock,
    ring: Mutex<Ring>,
    numbers: std::sync::atomic::AtomicU64,
    /// Tells who waits that there is more, or that there never will be.
    news: Notify,
}

impl Journal {
    pub(crate) fn new(max_entries: usize, clock: Clock) -> Self {
        Self {
            max_entries,
            clock,
            ring: Mutex::default(),
            numbers: std::sync::atomic::AtomicU64::new(0),
            news: Notify::new(),
        }
    }

    /// A number for a request, by which its answer is found.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
    }

    /// Writes an entry down.
    pub(crate) fn note(&self, entry: Entry) {
        self.note_at(self.clock.now(), entry);
    }

    /// Writes an entry down that was seen just now, by the tenant's clock.
    pub(crate) fn note_at(&self, now: Now, entry: Entry) {
        {
            let mut ring = self.unfiled();
            ring.unfiled.push((now, entry));
            if ring.unfiled.len() >= MAX_UNFILED {
                ring.file(self.max_entries);
            }
        }
        self.news.notify_waiters();
    }

    /// Files what was noted; there is time for it now.
    pub(crate) fn catch_up(&self) {
        drop(self.lock());
    }

    /// The number of the newest entry.
    pub(crate) fn last(&self) -> u64 {
        self.lock().last
    }

    /// Forgets everything; numbers go on.
    pub(crate) fn clear(&self) {
        let mut ring = self.lock();
        *ring = Ring { last: ring.last, is_over: ring.is_over, ..Ring::default() };
    }

    /// Nothing will be written any more; who listens may go.
    pub(crate) fn end(&self) {
        self.lock().is_over = true;
        self.news.notify_waiters();
    }

    /// The entries after number `after` that the filter lets through, oldest first, and the number
    /// to ask after next.
    pub(crate) fn read(&self, after: u64, filter: &Filter, limit: usize) -> Page {
        let ring = self.lock();
        let first = ring.records.front().map_or(ring.last + 1, |record| record.seq);
        let missed = first.saturating_sub(after.saturating_add(1));
        let skipped =
            usize::try_from(after.saturating_add(1).saturating_sub(first)).unwrap_or(usize::MAX);
        let mut records = Vec::new();
        let mut next = after.max(first - 1);
        for record in ring.records.iter().skip(skipped) {
            if records.len() == limit {
                break;
            }
            next = record.seq;
            if filter.lets_through(&record.entry) {
                records.push(Arc::clone(record));
            }
        }
        Page { records, next, missed }
    }

    /// What the oracles say so far.
    pub(crate) fn oracles<T>(&self, ask: impl FnOnce(&Oracles, u64) -> T) -> T {
        let now = self.clock.now().mono.as_millis() as u64;
        ask(&self.lock().oracles, now)
    }

    /// Resolves when there is something after `seq`, with `true`, or when there never will be.
    pub(crate) async fn beyond(&self, seq: u64) -> bool {
        loop {
            // Asked for before the journal is looked at, so that nothing is missed.
            let mut news = pin!(self.news.notified());
            news.as_mut().enable();
            let (last, is_over) = {
                let ring = self.lock();
                (ring.last, ring.is_over)
            };
            if last > seq || is_over {
                return last > seq;
            }
            news.await;
        }
    }

    /// The ring with everything in its place.
    fn lock(&self) -> MutexGuard<'_, Ring> {
        let mut ring = self.unfiled();
        ring.file(self.max_entries);
        ring
    }

    fn unfiled(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Part of a journal.
pub(crate) struct Page {
    pub(crate) records: Vec<Arc<Record>>,
    /// The number to ask after next.
    pub(crate) next: u64,
    /// How many were forgotten before they could be read.
    pub(crate) missed: u64,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Journal")
    }
}
