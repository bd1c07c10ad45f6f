//! What this tab has sent: stored first, then handed to whoever leads, until its outcome is known.
//!
//! Messages are stored in the order in which they were typed, one commit at a time. A hand-over that
//! is not answered is said again; the leader knows each call by its id.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use uuid::Uuid;

use super::message::{Draft as UnsavedDraft, Say};
use super::{Coordinator, Effect, Role};
use crate::outbox::Draft;
use crate::store::records::{OUTBOX, OutboxRecord, append};
use crate::store::{StoreError, Write, number_of};
use crate::time::{Instant, Now};
use crate::types::{Event, Notice, Outcome, Reason};

/// First and longest wait before a call is said again.
const POKE_FIRST: Duration = Duration::from_secs(1);
const POKE_LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
struct Call {
    draft: Draft,
    /// Its place among all that was typed here.
    place: u64,
    stored: Stored,
    poke_at: Option<Instant>,
    wait: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stored {
    NotYet,
    Yes,
    /// The store could not take it: only this tab has it.
    Failed,
}

/// The open calls of one tab.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    open: BTreeMap<Uuid, Call>,
    typed: u64,
    /// Not stored yet, in order of typing.
    waiting: VecDeque<Uuid>,
    storing: Option<(u64, Vec<Uuid>)>,
    retry_at: Option<Instant>,
    tries: u32,
}

impl Calls {
    pub(super) fn next_deadline(&self, apart: bool) -> Option<Instant> {
        let pokes = self.open.values().filter_map(|call| call.poke_at).filter(|_| !apart);
        let retry = self.retry_at.filter(|_| !self.waiting.is_empty() && self.storing.is_none());
        pokes.chain(retry).min()
    }

    /// Everything open in order of typing, for a client of this tab's own.
    pub(super) fn all_open(&mut self) -> Vec<Draft> {
        self.waiting.clear();
        self.storing = None;
        let mut open: Vec<&Call> = self.open.values().collect();
        open.sort_by_key(|call| call.place);
        open.into_iter().map(|call| call.draft.clone()).collect()
    }

    /// A draft as it is said to a leader, with what has to go before it.
    fn unsaved(&self, draft: &Draft) -> UnsavedDraft {
        let place = self.open.get(&draft.id).map_or(0, |call| call.place);
        let before = |call: &&Call| call.stored == Stored::Failed && call.place < place;
        let before = self.open.values().filter(before).max_by_key(|call| call.place);
        let after = before.map(|call| call.draft.id);
        UnsavedDraft { text: draft.text.clone(), at: draft.accepted_at, after }
    }

    pub(super) fn close(&mut self, id: Uuid) -> bool {
        self.open.remove(&id).is_some()
    }
}

impl Coordinator {
    pub(super) fn send(&mut self, now: Now, id: Uuid, text: String, out: &mut Vec<Effect>) {
        let (bytes, limit) = (text.len(), self.config.max_text_bytes);
        if bytes > limit {
            let outcome = Outcome::Failed(Reason::TooLong { bytes, limit });
            return out.push(Effect::Publish(Event::settled(id, outcome)));
        }
        if self.calls.open.len() >= self.config.open_max {
            let bytes = self.calls.open.values().map(|call| call.draft.text.len()).sum();
            let reason = Reason::BufferFull { messages: self.calls.open.len(), bytes };
            return out.push(Effect::Publish(Event::settled(id, Outcome::Failed(reason))));
        }
        let draft = Draft { id, text, accepted_at: now.wall };
        self.calls.typed += 1;
        let (place, stored) = (self.calls.typed, Stored::NotYet);
        let call = Call { draft: draft.clone(), place, stored, poke_at: None, wait: POKE_FIRST };
        self.calls.open.insert(id, call);
        if matches!(self.role, Role::Alone { .. }) {
            return out.push(Effect::Submit(draft));
        }
        self.calls.waiting.push_back(id);
        self.store_calls(now, out);
    }

    fn store_calls(&mut self, now: Now, out: &mut Vec<Effect>) {
        if self.cannot_share() {
            return;
        }
        let calls = &mut self.calls;
        let resting = calls.retry_at.is_some_and(|at| now.mono < at);
        if calls.storing.is_some() || calls.waiting.is_empty() || resting {
            return;
        }
        calls.retry_at = None;
        // What had no room before comes along, so that the store has it in order of typing.
        let mut ids: Vec<Uuid> = calls.waiting.drain(..).collect();
        let failed = calls.open.iter().filter(|(_, call)| call.stored == Stored::Failed);
        ids.extend(failed.map(|(id, _)| *id));
        ids.sort_by_key(|id| calls.open.get(id).map(|call| call.place));
        let append = |id: &Uuid| -> Option<Write> {
            let call = calls.open.get(id)?;
            Some(append(OUTBOX, &OutboxRecord::from(&call.draft)))
        };
        let writes = ids.iter().filter_map(append).collect();
        self.ops += 1;
        let (op, epoch) = (self.ops, self.epoch);
        calls.storing = Some((op, ids));
        out.push(Effect::Commit { op, epoch, writes });
    }

    /// Takes the answer to a commit of calls; false when it is another's.
    pub(super) fn calls_committed(
        &mut self,
        now: Now,
        op: u64,
        result: &Result<Vec<String>, StoreError>,
        out: &mut Vec<Effect>,
    ) -> bool {
        let Some((_, ids)) = self.calls.storing.take_if(|(storing, _)| *storing == op) else {
            return false;
        };
        match result {
            Ok(keys) => {
                self.calls.tries = 0;
                self.calls_stored(now, &ids, keys, out);
                self.room_again(now, out);
            }
            Err(StoreError::Fenced { stored, .. }) => {
                self.put_back(ids);
                self.fenced(now, *stored, out);
            }
            Err(StoreError::Unavailable(_)) if self.calls.tries + 1 < self.config.store_tries => {
                self.put_back(ids);
                self.calls.tries += 1;
                self.calls.retry_at = self.retry_store_at(now, self.calls.tries);
            }
            Err(error) => {
                self.calls.tries = 0;
                out.push(Effect::Publish(Event::Notice(Notice::StoreFailed(error.to_string()))));
                for id in ids {
                    self.hand_over_unsaved(now, id, out);
                }
            }
        }
        self.store_calls(now, out);
        true
    }

    fn put_back(&mut self, ids: Vec<Uuid>) {
        for id in ids.into_iter().rev() {
            self.calls.waiting.push_front(id);
        }
    }

    fn calls_stored(&mut self, now: Now, ids: &[Uuid], keys: &[String], out: &mut Vec<Effect>) {
        for (id, key) in ids.iter().zip(keys) {
            let Some(call) = self.calls.open.get_mut(id) else { continue };
            let first = std::mem::replace(&mut call.stored, Stored::Yes) != Stored::Yes;
            let call_place = call.place;
            if first {
                out.push(Effect::Publish(Event::Accepted { id: *id }));
            }
            let draft = call.draft.clone();
            if matches!(self.role, Role::Leading(_)) {
                let number = number_of(OUTBOX, key).unwrap_or_default();
                self.take_stored(number, draft, out);
            } else {
                self.call_unsaved(now, call_place, out);
                self.say(Say::Call { id: *id, unsaved: None }, out);
                self.poke_later(now, *id);
            }
        }
    }

    /// Says again what no store has and was typed before: the leader may be another one since.
    fn call_unsaved(&mut self, now: Now, before: u64, out: &mut Vec<Effect>) {
        let unsaved = |call: &&Call| call.stored == Stored::Failed && call.place < before;
        let mut calls: Vec<&Call> = self.calls.open.values().filter(unsaved).collect();
        calls.sort_by_key(|call| call.place);
        for draft in calls.into_iter().map(|call| call.draft.clone()).collect::<Vec<_>>() {
            let id = draft.id;
            let unsaved = Some(self.calls.unsaved(&draft));
            self.say(Say::Call { id, unsaved }, out);
            self.poke_later(now, id);
        }
    }

    /// The store cannot take it, so the leader must take it from memory.
    fn hand_over_unsaved(&mut self, now: Now, id: Uuid, out: &mut Vec<Effect>) {
        let Some(call) = self.calls.open.get_mut(&id) else { return };
        call.stored = Stored::Failed;
        let (draft, place) = (call.draft.clone(), call.place);
        if matches!(self.role, Role::Leading(_)) {
            // It goes behind whatever others have stored, of which this tab may not have heard.
            self.read_outbox(out);
            self.take_unsaved(draft, out);
        } else {
            self.call_unsaved(now, place, out);
            let unsaved = Some(self.calls.unsaved(&draft));
            self.say(Say::Call { id, unsaved }, out);
        }
        self.poke_later(now, id);
    }

    fn poke_later(&mut self, now: Now, id: Uuid) {
        if let Some(call) = self.calls.open.get_mut(&id) {
            call.poke_at = Some(now.mono + call.wait);
            call.wait = (call.wait * 2).min(POKE_LONGEST);
        }
    }

    /// Says every open call again: somebody else may lead now, or an answer was missed.
    pub(super) fn poke_calls(&mut self, now: Now, out: &mut Vec<Effect>) {
        for call in self.calls.open.values_mut().filter(|call| call.stored != Stored::NotYet) {
            (call.wait, call.poke_at) = (POKE_FIRST, Some(now.mono));
        }
        self.call_again(now, out);
    }

    pub(super) fn call_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.store_calls(now, out);
        if self.is_apart() {
            return;
        }
        let due = |call: &Call| call.poke_at.is_some_and(|at| now.mono >= at);
        let Some(last) = self.calls.open.values().filter(|call| due(call)).map(|c| c.place).max()
        else {
            return;
        };
        let before = |call: &Call| call.stored == Stored::Failed && call.place < last;
        let mut due: Vec<&Call> =
            self.calls.open.values().filter(|call| due(call) || before(call)).collect();
        // A new leader sends what no store has in the order in which it hears of it.
        due.sort_by_key(|call| call.place);
        let due: Vec<Draft> = due.into_iter().map(|call| call.draft.clone()).collect();
        for draft in due {
            let id = draft.id;
            // What was said in vain twice may be in no store any more: it comes with its text.
            let carried = |call: &Call| call.stored == Stored::Failed || call.wait > POKE_FIRST * 2;
            let carried = self.calls.open.get(&id).is_some_and(carried);
            let unsaved = carried.then(|| self.calls.unsaved(&draft));
            match &self.role {
                Role::Leading(_) => self.answer_call(id, unsaved, out),
                _ => self.say(Say::Call { id, unsaved }, out),
            }
            self.poke_later(now, id);
        }
    }

    /// The outcome of a call, if it is one of this tab.
    pub(super) fn settle(&mut self, id: Uuid, outcome: Outcome, out: &mut Vec<Effect>) {
        if self.calls.close(id) {
            out.push(Effect::Publish(Event::settled(id, outcome)));
        }
    }
}
