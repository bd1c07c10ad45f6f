//! What the leader's client says is recorded first, and told when the store has it. What the store
//! cannot take is told from memory, and owed.

use super::leader::{Change, OWED_MAX, OWED_RETRY, Then};
use super::message::Say;
use super::{Coordinator, Effect, FromClient, Role};
use crate::credentials::SavedGuest;
use crate::journal::Entry;
use crate::store::records::{
    BACKOFF, BackoffRecord, CURSOR, CursorRecord, FEED, FeedRecord, NOT_BEFORE, NotBeforeRecord,
    OUTBOX, SEEN, SETTLED, SeenRecord, SettledRecord, append, millis, millis_up, put,
};
use crate::store::{StoreError, Write, numbered};
use crate::time::Now;
use crate::types::{Event, Inbound, Notice};

impl Coordinator {
    pub(super) fn client_says(&mut self, now: Now, said: FromClient, out: &mut Vec<Effect>) {
        if let Role::Alone { state } = &mut self.role {
            match said {
                FromClient::State(new) => *state = new,
                FromClient::Show(message) => out.push(Effect::Publish(Event::Inbound(message))),
                FromClient::Settled(id, outcome) => self.settle(id, outcome, out),
                FromClient::Notice(notice) => out.push(Effect::Publish(Event::Notice(notice))),
                FromClient::Remember(_) | FromClient::Left => {}
            }
            return;
        }
        let Role::Leading(lead) = &mut self.role else { return };
        match said {
            // That a client which was stopped is closed says nothing about the connection.
            FromClient::State(_) if lead.leaving.is_some() => {}
            FromClient::State(state) => {
                lead.state = state;
                lead.beat_at = now.mono;
            }
            FromClient::Show(message) => self.record_inbound(now, message),
            FromClient::Settled(id, outcome) => {
                let number = lead.pending.remove(&id).flatten();
                lead.settled.insert(id, (outcome.clone(), now.wall));
                let record = SettledRecord { outcome: outcome.clone(), at_ms: millis(now.wall) };
                let mut writes = vec![put(format!("{SETTLED}{id}"), &record)];
                writes.extend(number.map(|n| Write::Delete { key: numbered(OUTBOX, n) }));
                lead.change(writes, Then::Settle(id, outcome));
            }
            FromClient::Notice(notice) => out.push(Effect::Publish(Event::Notice(notice))),
            FromClient::Remember(entry) => self.remember(&entry),
            FromClient::Left => self.client_left(),
        }
        self.commit_changes(now, out);
    }

    fn remember(&mut self, entry: &Entry) {
        let Role::Leading(lead) = &mut self.role else { return };
        match entry {
            Entry::Guest { instance, token, expires_at_wall } => {
                let (instance, token) = (instance.clone(), token.clone());
                let guest = SavedGuest { instance, token, expires_at: *expires_at_wall };
                lead.remember_guest(&guest);
            }
            Entry::Seen { id, at_wall } => {
                let record = SeenRecord { id: id.clone(), at_ms: millis(*at_wall) };
                lead.change(vec![append(SEEN, &record)], Then::Seen(*at_wall));
            }
            Entry::NotBefore { call, until_wall } => {
                let record = NotBeforeRecord { until_ms: millis_up(*until_wall) };
                let key = format!("{NOT_BEFORE}{}", call.name());
                lead.change(vec![put(key, &record)], Then::Nothing);
            }
            Entry::Backoff { failures, until_wall } => {
                let (failures, until_ms) = (*failures, millis_up(*until_wall));
                let record = BackoffRecord { failures, until_ms };
                lead.change(vec![put(BACKOFF, &record)], Then::Nothing);
            }
            // These come another way: the cursor with its message, the outbox with its outcome.
            Entry::Accepted { .. } | Entry::Settled { .. } | Entry::Cursor { .. } => {}
        }
    }

    /// A message of the agent, with its place in the feed and its mark in one commit.
    fn record_inbound(&mut self, now: Now, message: Inbound) {
        let Role::Leading(lead) = &mut self.role else { return };
        let number = lead.head.saturating_add(1);
        let record = FeedRecord { message: message.clone() };
        let mut writes = vec![put(numbered(FEED, number), &record)];
        if let (Some(sequence), Some(guest)) = (message.sequence, &lead.guest) {
            let instance = guest.instance.clone();
            writes.push(put(CURSOR, &CursorRecord { instance, sequence }));
            lead.cursor = sequence;
        }
        lead.head = number;
        lead.places.insert(number);
        lead.change(writes, Then::Announce(number, message));
        if lead.has_surplus(&self.config) {
            lead.prune(now, &self.config, false);
        }
    }

    pub(super) fn commit_changes(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        let resting = lead.retry_at.is_some_and(|at| now.mono < at);
        let idle = lead.changes.is_empty() && lead.owed.is_empty();
        // What is owed alone waits for its time; what is new does not wait for it.
        let resting = resting && (lead.tries > 0 || lead.changes.is_empty());
        if idle || lead.committing.is_some() || resting {
            return;
        }
        lead.retry_at = None;
        self.ops += 1;
        let changes = std::mem::take(&mut lead.changes);
        let new = changes.iter().flat_map(|change| change.writes.clone());
        let writes = lead.owed.iter().cloned().chain(new).collect();
        lead.committing = Some((self.ops, changes));
        out.push(Effect::Commit { op: self.ops, epoch: self.epoch, writes });
    }

    /// The store has taken something else: what is owed need not wait for its time.
    pub(super) fn room_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        if let Role::Leading(lead) = &mut self.role
            && !lead.owed.is_empty()
        {
            lead.retry_at = None;
            self.commit_changes(now, out);
        }
    }

    pub(super) fn committed(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Vec<String>, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        if self.calls_committed(now, op, &result, out) {
            return;
        }
        if let Role::RaisingEpoch { op: current, because, tries, .. } = self.role
            && current == op
        {
            let raised = result.map(|_| self.epoch + 1);
            return self.epoch_raised(now, because, tries, raised, out);
        }
        let Role::Leading(lead) = &mut self.role else { return };
        let Some((_, changes)) = lead.committing.take_if(|(current, _)| *current == op) else {
            return;
        };
        match result {
            Ok(keys) => {
                (lead.tries, lead.pruned) = (0, false);
                lead.unsaved.clear();
                lead.guest_is_new &= lead.changes.iter().any(Change::has_guest);
                let appended = |write: &&Write| matches!(write, Write::Append { .. });
                let owed = lead.owed.drain(..).filter(|write| appended(&write)).count();
                lead.learn_numbers(&changes, &keys[owed.min(keys.len())..]);
                self.tell_changes(changes, false, out);
            }
            Err(StoreError::Fenced { stored, .. }) => self.fenced(now, stored, out),
            Err(error) => self.commit_failed(now, changes, &error, out),
        }
        self.commit_changes(now, out);
    }

    fn commit_failed(
        &mut self,
        now: Now,
        mut changes: Vec<Change>,
        error: &StoreError,
        out: &mut Vec<Effect>,
    ) {
        let Role::Leading(lead) = &mut self.role else { return };
        let full = matches!(error, StoreError::Full(_));
        if full && !lead.pruned {
            lead.pruned = true;
            changes.append(&mut lead.changes);
            lead.changes = changes;
            return lead.prune(now, &self.config, true);
        }
        lead.tries += 1;
        if !full && lead.tries < self.config.store_tries {
            changes.append(&mut lead.changes);
            lead.changes = changes;
            let tries = lead.tries;
            let retry_at = self.retry_store_at(now, tries);
            if let Role::Leading(lead) = &mut self.role {
                lead.retry_at = retry_at;
            }
            return;
        }
        // A full or broken store makes nobody deaf: what it should hold is told from memory.
        (lead.tries, lead.pruned) = (0, false);
        lead.retry_at = Some(now.mono + OWED_RETRY);
        if lead.owed.is_empty() {
            out.push(Effect::Publish(Event::Notice(Notice::StoreFailed(error.to_string()))));
        }
        lead.owed.extend(changes.iter().flat_map(|change| change.writes.clone()));
        let surplus = lead.owed.len().saturating_sub(OWED_MAX);
        lead.owed.drain(..surplus);
        self.tell_changes(changes, true, out);
    }

    pub(super) fn tell_changes(
        &mut self,
        changes: Vec<Change>,
        unsaved: bool,
        out: &mut Vec<Effect>,
    ) {
        for change in changes {
            match change.then {
                Then::Nothing | Then::Seen(_) => {}
                Then::Announce(number, message) => {
                    if let Role::Leading(lead) = &mut self.role {
                        lead.told = number;
                        if unsaved {
                            lead.unsaved.insert(number, message.clone());
                        }
                        while lead.unsaved.len() > self.config.feed_max {
                            lead.unsaved.pop_first();
                        }
                    }
                    self.feed.told(number, message.clone(), unsaved, out);
                    self.say(Say::Feed { number, message, unsaved }, out);
                }
                Then::Settle(id, outcome) => {
                    self.say(Say::Settled { id, outcome: outcome.clone() }, out);
                    self.settle(id, outcome, out);
                }
            }
        }
    }
}
