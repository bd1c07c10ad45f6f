//! What this tab has shown of the feed, which the leader numbers from 1.
//!
//! It shows each position once and in order. What it misses it reads from the store; what the store
//! does not have it asks the leader for; and a hole that nobody fills is passed and told.
//!
//! A number is for good once the store has it. What a leader without room told has one of that
//! leader alone: with the next leader a tab goes back to before it, and takes from there what the
//! numbers mean now. A message that it has shown it knows by its id, and does not show again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::Effect;
use crate::time::Instant;
use crate::types::{Event, Inbound, Notice};

/// Positions further ahead are no leader's: a feed keeps far fewer.
const FAR: u64 = 100_000;
/// Messages held out of turn; beyond it the newest is let go, the store still has it.
const HELD_MAX: usize = 256;
/// Keys remembered of what was shown, for positions that are given twice: more than a feed keeps.
const KEYS_MAX: usize = 4_096;

/// The feed as one tab has shown it.
#[derive(Debug, Clone, Default)]
pub(super) struct Feed {
    shown: u64,
    /// The last position that was ever shown: a tab that went back stands before it.
    furthest: u64,
    /// The last position that is known to exist.
    head: u64,
    held: BTreeMap<u64, Inbound>,
    keys: BTreeSet<String>,
    keys_in_order: VecDeque<String>,
    /// The read under way, and the first position that it brings.
    reading: Option<(u64, u64)>,
    /// The first position that the leader told and could not store: whoever leads next gives it
    /// again, or to something else.
    unsaved: Option<u64>,
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

    /// What the leader of this epoch tells. What it has stored, it stored behind all that it owed.
    pub(super) fn told(
        &mut self,
        number: u64,
        message: Inbound,
        unsaved: bool,
        out: &mut Vec<Effect>,
    ) {
        if unsaved {
            self.is_unsaved(number);
        } else {
            self.unsaved = None;
        }
        self.offer(number, message, out);
    }

    fn is_unsaved(&mut self, number: u64) {
        self.unsaved = Some(self.unsaved.map_or(number, |first| first.min(number)));
    }

    /// A message at its position.
    fn offer(&mut self, number: u64, message: Inbound, out: &mut Vec<Effect>) {
        if number > self.shown.saturating_add(FAR) {
            return;
        }
        if number <= self.shown {
            // Somebody has cleared the store, and its numbers have begun again.
            if self.is_new(number, &message) {
                out.push(Effect::Publish(Event::Inbound(message)));
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

    /// Another leader numbers from here on. Whether this tab went back for that.
    pub(super) fn begin_epoch(&mut self) -> bool {
        self.held.clear();
        self.hole = None;
        let back = self.unsaved.take();
        self.shown = back.map_or(self.shown, |first| self.shown.min(first.saturating_sub(1)));
        self.head = self.shown;
        back.is_some()
    }

    /// The first position that a read should bring.
    pub(super) fn read_from(&self) -> u64 {
        let next = self.shown.saturating_add(1);
        self.unsaved.map_or(next, |first| first.min(next))
    }

    /// The last position that need not be told again: what a leader is asked for lies behind it.
    pub(super) fn settled(&self) -> u64 {
        self.read_from().saturating_sub(1)
    }

    /// The leader says up to where the feed goes.
    pub(super) fn reaches(&mut self, head: u64) {
        self.head = self.head.max(head.min(self.shown.saturating_add(FAR)));
        if let Some((_, heard)) = &mut self.hole {
            *heard += 1;
        }
    }

    /// A read begins, unless one is under way: the first position that it should bring.
    pub(super) fn begin_read(&mut self, op: u64) -> Option<u64> {
        self.retry_at = None;
        if self.reading.is_some() {
            self.again = true;
            return None;
        }
        let from = self.read_from();
        self.reading = Some((op, from));
        Some(from)
    }

    /// Whether this is the answer that is waited for: the first position that it was to bring.
    pub(super) fn end_read(&mut self, op: u64) -> Option<u64> {
        let (_, from) = self.reading.take_if(|(current, _)| *current == op)?;
        Some(from)
    }

    /// What the store has behind `shown`. Positions before its first were pruned.
    pub(super) fn take(&mut self, records: BTreeMap<u64, Inbound>, out: &mut Vec<Effect>) {
        if let Some((&first, _)) = records.first_key_value()
            && first > self.shown.saturating_add(1)
        {
            if self.furthest > 0 && first > self.furthest.saturating_add(1) {
                let notice = Notice::SequenceGap { after: self.furthest, before: first };
                out.push(Effect::Publish(Event::Notice(notice)));
            }
            self.passes_to(first - 1);
            self.held.retain(|number, _| *number >= first);
        }
        for (number, message) in records {
            self.offer(number, message, out);
        }
    }

    /// After a read: what to do about what is still missing. A hole is passed only when the leader
    /// was asked and has answered, and it is neither in the store nor there.
    pub(super) fn after_read(&mut self, now: Instant, out: &mut Vec<Effect>) -> AfterRead {
        if std::mem::take(&mut self.again) {
            return AfterRead::ReadAgain;
        }
        if self.is_behind() && self.hole.is_some_and(|(asked, heard)| asked.min(heard) >= ASKS_MAX)
        {
            self.pass_hole(out);
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
    fn pass_hole(&mut self, out: &mut Vec<Effect>) {
        self.hole = None;
        self.is_unsaved(self.shown.saturating_add(1));
        let next =
            self.held.first_key_value().map_or(self.head.saturating_add(1), |(number, _)| *number);
        let notice = Notice::SequenceGap { after: self.shown, before: next };
        out.push(Effect::Publish(Event::Notice(notice)));
        self.passes_to(next - 1);
        self.release(out);
    }

    fn passes_to(&mut self, number: u64) {
        self.shown = number;
        self.furthest = self.furthest.max(number);
    }

    fn release(&mut self, out: &mut Vec<Effect>) {
        while let Some(message) = self.held.remove(&self.shown.saturating_add(1)) {
            let number = self.shown + 1;
            if self.is_new(number, &message) {
                out.push(Effect::Publish(Event::Inbound(message)));
            }
            self.passes_to(number);
        }
        if !self.is_behind() {
            self.hole = None;
        }
    }

    /// A message without an id is known by its position alone.
    fn is_new(&mut self, number: u64, message: &Inbound) -> bool {
        if message.id.is_empty() {
            return number > self.furthest;
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
