//! What this tab has shown of the feed, which the leader numbers from 1.
//!
//! It shows each position once and in order. What it misses it reads from the store; what the store
//! does not have it asks the leader for; and a hole that nobody fills is passed and told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::Effect;
use crate::core::time::Instant;
use crate::core::types::{Inbound, Notice};

/// Positions further ahead are no leader's: a feed keeps far fewer.
const FAR: u64 = 100_000;
/// Messages held out of turn; beyond it the newest is let go, the store still has it.
const HELD_MAX: usize = 256;
/// Keys remembered of what was shown, for positions that were given twice.
const KEYS_MAX: usize = 1_024;

/// The feed as one tab has shown it.
#[derive(Debug, Clone, Default)]
pub(super) struct Feed {
    shown: u64,
    /// The last position that is known to exist.
    head: u64,
    held: BTreeMap<u64, Inbound>,
    keys: BTreeSet<String>,
    keys_in_order: VecDeque<String>,
    reading: Option<u64>,
    /// The first position that was shown and is in no store, and the last epoch in which that
    /// happened: whoever leads next gives it again.
    unsaved: Option<(u64, u64)>,
    /// Something was missed while a read was under way.
    again: bool,
    retry_at: Option<Instant>,
    /// Something is missing that a read did not bring: how often the leader was asked since, and
    /// how often it was heard.
    hole: Option<(u32, u32)>,
}

impl Feed {
    pub(super) fn head(&self) -> u64 {
        self.head.max(self.shown)
    }

    /// A message at its position, from wherever.
    pub(super) fn offer(&mut self, number: u64, message: Inbound, out: &mut Vec<Effect>) {
        if number > self.shown.saturating_add(FAR) {
            return;
        }
        if number <= self.shown {
            // A leader that could not store what it told took its numbers with it: what another
            // says under one of them may be new.
            if !message.id.is_empty() && self.is_new(&message) {
                out.push(Effect::Show(message));
            }
            return;
        }
        self.head = self.head.max(number);
        self.held.entry(number).or_insert(message);
        self.release(out);
        while self.held.len() > HELD_MAX {
            self.held.pop_last();
        }
    }

    fn is_behind(&self) -> bool {
        self.head > self.shown
    }

    /// Something is missing, and no read or retry is on its way to it.
    pub(super) fn needs_read(&self) -> bool {
        self.is_behind() && self.retry_at.is_none()
    }

    /// The leader of an epoch had no room for what it told.
    pub(super) fn is_unsaved(&mut self, number: u64, epoch: u64) {
        let first = self.unsaved.map_or(number, |(first, _)| first.min(number));
        self.unsaved = Some((first, epoch));
    }

    /// Another leader numbers from here on, and what only the one before had is numbered again.
    /// Whether positions that were shown may have a new meaning.
    pub(super) fn begin_epoch(&mut self) -> bool {
        self.held.clear();
        self.head = self.shown;
        self.hole = None;
        self.unsaved.is_some()
    }

    /// The first position that a read should bring.
    pub(super) fn read_from(&self) -> u64 {
        let next = self.shown.saturating_add(1);
        self.unsaved.map_or(next, |(first, _)| first.min(next))
    }

    /// The last position that need not be told again: what a leader is asked for lies behind it.
    pub(super) fn settled(&self) -> u64 {
        self.read_from() - 1
    }

    /// The leader says up to where the feed goes.
    pub(super) fn reaches(&mut self, head: u64) {
        self.head = self.head.max(head.min(self.shown.saturating_add(FAR)));
        if let Some((_, heard)) = &mut self.hole {
            *heard += 1;
        }
    }

    /// A read begins, unless one is under way.
    pub(super) fn begin_read(&mut self, op: u64) -> bool {
        self.retry_at = None;
        if self.reading.is_some() {
            self.again = true;
            return false;
        }
        self.reading = Some(op);
        true
    }

    /// Whether this is the answer that is waited for.
    pub(super) fn end_read(&mut self, op: u64) -> bool {
        let ours = self.reading == Some(op);
        if ours {
            self.reading = None;
        }
        ours
    }

    /// What the store has behind `shown`. Positions before its first were pruned.
    pub(super) fn take(&mut self, records: BTreeMap<u64, Inbound>, out: &mut Vec<Effect>) {
        if let Some((&first, _)) = records.first_key_value()
            && first > self.shown.saturating_add(1)
        {
            if self.shown > 0 {
                let notice = Notice::SequenceGap { after: self.shown, before: first };
                out.push(Effect::Notice(notice));
            }
            self.shown = first - 1;
            self.held.retain(|number, _| *number >= first);
        }
        for (number, message) in records {
            self.offer(number, message, out);
        }
    }

    /// What the store has by an epoch was read, up to its last position: up to there, positions of
    /// earlier epochs have their last meaning.
    pub(super) fn was_read(&mut self, epoch: u64, last: u64) {
        if let Some((first, at)) = self.unsaved
            && at < epoch
        {
            let open = first.max(last.saturating_add(1));
            self.unsaved = (open <= self.shown).then_some((open, epoch));
        }
    }

    /// After a read: what to do about what is still missing. A hole is passed only when the leader
    /// was asked and has answered, and it is neither in the store nor there.
    pub(super) fn after_read(
        &mut self,
        now: Instant,
        epoch: u64,
        out: &mut Vec<Effect>,
    ) -> AfterRead {
        if std::mem::take(&mut self.again) {
            return AfterRead::ReadAgain;
        }
        if self.is_behind() && self.hole.is_some_and(|(asked, heard)| asked.min(heard) >= ASKS_MAX)
        {
            self.pass_hole(epoch, out);
        }
        if !self.is_behind() {
            self.hole = None;
            return AfterRead::Done;
        }
        self.hole.get_or_insert_default().0 += 1;
        self.retry_at = Some(now + RETRY);
        AfterRead::AskLeader
    }

    pub(super) fn read_failed(&mut self, now: Instant) {
        self.retry_at = Some(now + RETRY);
    }

    /// Whether a read is due.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        self.retry_at.take_if(|at| now >= *at).is_some()
    }

    pub(super) const fn next_deadline(&self) -> Option<Instant> {
        self.retry_at
    }

    pub(super) fn forget_reads(&mut self) {
        self.reading = None;
        self.again = false;
        self.retry_at = None;
        self.hole = None;
    }

    /// What nobody has any more may be given again by the next leader.
    fn pass_hole(&mut self, epoch: u64, out: &mut Vec<Effect>) {
        self.hole = None;
        self.is_unsaved(self.shown.saturating_add(1), epoch);
        let next =
            self.held.first_key_value().map_or(self.head.saturating_add(1), |(number, _)| *number);
        if next > self.shown.saturating_add(1) {
            let notice = Notice::SequenceGap { after: self.shown, before: next };
            out.push(Effect::Notice(notice));
        }
        self.shown = next - 1;
        self.release(out);
    }

    fn release(&mut self, out: &mut Vec<Effect>) {
        while let Some(message) = self.held.remove(&self.shown.saturating_add(1)) {
            self.shown += 1;
            if self.is_new(&message) {
                out.push(Effect::Show(message));
            }
        }
        if !self.is_behind() {
            self.hole = None;
        }
    }

    /// A message without an id is known by its position alone.
    fn is_new(&mut self, message: &Inbound) -> bool {
        if message.id.is_empty() {
            return true;
        }
        if !self.keys.insert(message.id.clone()) {
            return false;
        }
        self.keys_in_order.push_back(message.id.clone());
        if self.keys_in_order.len() > KEYS_MAX
            && let Some(oldest) = self.keys_in_order.pop_front()
        {
            self.keys.remove(&oldest);
        }
        true
    }
}

/// How often the leader is asked for what is missing, and heard, before it is given up.
const ASKS_MAX: u32 = 6;
/// Between two reads for the same hole.
const RETRY: Duration = Duration::from_millis(500);

/// What to do when a read has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterRead {
    Done,
    ReadAgain,
    AskLeader,
}
