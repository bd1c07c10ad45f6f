//! Leading: take the lock, raise the epoch, read the store, run the client; record what it says
//! before anybody is told; hand over when the user looks elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use super::message::{Draft as UnsavedDraft, Say};
use super::{Coordinator, CoordinatorConfig, Effect, FromClient, Role, saying};
use crate::core::outbox::Draft;
use crate::core::session::SavedGuest;
use crate::core::time::{Instant, Now, Wall};
use crate::core::types::{Because, Feature, Inbound, Notice, Outcome, State};
use crate::journal::Entry;
use crate::tabs::records::{
    BACKOFF, BackoffRecord, CURSOR, CursorRecord, END, FEED, FeedRecord, GUEST, GuestRecord,
    NOT_BEFORE, NotBeforeRecord, OUTBOX, SEEN, SETTLED, SeenRecord, SettledRecord, append, millis,
    millis_up, put,
};
use crate::tabs::stored::Stored;
use crate::tabs::{Ask, Contents, StoreError, Write, number_of, numbered};

/// Between two tries to write what a full store owes.
const OWED_RETRY: Duration = Duration::from_secs(10);
/// Records of each kind that another tab may still ask for, and that are kept whatever the room.
const KEPT_MIN: usize = 100;
/// Writes owed at most; beyond it the oldest are given up.
const OWED_MAX: usize = 2_000;

/// What may be told once the store has it.
#[derive(Debug, Clone)]
enum Then {
    Nothing,
    Announce(u64, Inbound),
    Settle(Uuid, Outcome),
    /// The number of the record is known from now on.
    Seen(Wall),
}

#[derive(Debug, Clone)]
struct Change {
    writes: Vec<Write>,
    then: Then,
}

/// What a leader keeps while it leads.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    pub(super) because: Because,
    pub(super) state: State,
    since: Instant,
    beat_at: Instant,
    /// The guest's conversation.
    instance: Option<String>,
    /// First and last position of the feed in the store.
    first: u64,
    head: u64,
    /// The last position that was told.
    told: u64,
    /// Positions that the store could not take, for tabs that ask.
    unsaved: BTreeMap<u64, Inbound>,
    /// What the store could not take; it comes first when there is room again.
    owed: Vec<Write>,
    /// Pending messages, with their number in the store.
    pending: BTreeMap<Uuid, Option<u64>>,
    /// The last number of the outbox that was handed to the client.
    taken: u64,
    /// When what came without a number was shown, by number of its record.
    seen: BTreeMap<u64, Wall>,
    settled: BTreeMap<Uuid, (Outcome, Wall)>,
    changes: Vec<Change>,
    committing: Option<(u64, Vec<Change>)>,
    retry_at: Option<Instant>,
    tries: u32,
    /// Old records were given up for room since the store was last written.
    pruned: bool,
    /// Reads the outbox: the number of the read, and whether once more behind it.
    reading: Option<(u64, bool)>,
}

impl Lead {
    pub(super) fn next_deadline(&self) -> Instant {
        self.retry_at.map_or(self.beat_at, |at| at.min(self.beat_at))
    }

    fn is_idle(&self) -> bool {
        self.changes.is_empty() && self.committing.is_none() && self.owed.is_empty()
    }

    fn change(&mut self, writes: Vec<Write>, then: Then) {
        self.changes.push(Change { writes, then });
    }

    /// Deletes what is too old or too much; `half` gives up half of everything, for room, but for
    /// the last [`KEPT_MIN`] of each.
    fn prune(&mut self, now: Now, config: &CoordinatorConfig, half: bool) {
        let most = |max: usize, len: usize| if half { max.min(KEPT_MIN.max(len / 2)) } else { max };
        let mut writes = Vec::new();
        let delete = |key: String| Write::Delete { key };
        let length = (self.head + 1).saturating_sub(self.first);
        let keep = most(config.feed_max, length as usize) as u64;
        while (self.head + 1).saturating_sub(self.first) > keep {
            writes.push(delete(numbered(FEED, self.first)));
            self.first += 1;
        }
        let oldest = now.wall.since_epoch().saturating_sub(config.seen_life);
        let keep = most(config.seen_max, self.seen.len());
        for number in surplus(&self.seen, |at| *at, keep, Wall::new(oldest)) {
            self.seen.remove(&number);
            writes.push(delete(numbered(SEEN, number)));
        }
        let keep = most(config.settled_max, self.settled.len());
        for id in surplus(&self.settled, |(_, at)| *at, keep, Wall::default()) {
            self.settled.remove(&id);
            writes.push(delete(format!("{SETTLED}{id}")));
        }
        if !writes.is_empty() {
            self.changes.insert(0, Change { writes, then: Then::Nothing });
        }
    }

    /// What was appended has its numbers now.
    fn learn_numbers(&mut self, changes: &[Change], keys: &[String]) {
        let times = changes.iter().filter_map(|change| match change.then {
            Then::Seen(at) => Some(at),
            _ => None,
        });
        let numbers = keys.iter().filter_map(|key| number_of(SEEN, key));
        self.seen.extend(numbers.zip(times));
    }

    /// Another guest has another conversation: what was seen of the old one goes with it.
    fn remember_guest(&mut self, guest: &SavedGuest) {
        let mut writes = vec![put(GUEST, &GuestRecord::from(guest))];
        if self.instance.as_ref().is_some_and(|instance| *instance != guest.instance) {
            let seen = std::mem::take(&mut self.seen);
            let delete = |number| Write::Delete { key: numbered(SEEN, number) };
            writes.extend(seen.into_keys().map(delete));
        }
        self.instance = Some(guest.instance.clone());
        self.change(writes, Then::Nothing);
    }

    fn has_surplus(&self, config: &CoordinatorConfig) -> bool {
        // A tenth more than the bound, so that not every message prunes.
        let over = |len: usize, max: usize| len > max + max / 10;
        over((self.head + 1).saturating_sub(self.first) as usize, config.feed_max)
            || over(self.seen.len(), config.seen_max)
            || over(self.settled.len(), config.settled_max)
    }
}

/// The keys to give up: all older than `oldest`, then the oldest beyond `keep`.
fn surplus<K: Ord + Clone, V>(
    map: &BTreeMap<K, V>,
    at: impl Fn(&V) -> Wall,
    keep: usize,
    oldest: Wall,
) -> BTreeSet<K> {
    let mut ages: Vec<(Wall, &K)> = map.iter().map(|(key, value)| (at(value), key)).collect();
    ages.sort();
    let beyond = ages.len().saturating_sub(keep);
    let gone = ages.iter().enumerate().filter(|(n, (at, _))| *n < beyond || *at < oldest);
    gone.map(|(_, (_, key))| (*key).clone()).collect()
}

// Taking the lead.
impl Coordinator {
    pub(super) fn lock_granted(&mut self, out: &mut Vec<Effect>) {
        match self.role {
            Role::Following { because } => {
                let left = because == Because::First && self.watch.leader().is_some();
                let because = if left || self.epoch > 0 && because == Because::First {
                    Because::LeaderLeft
                } else {
                    because
                };
                self.claim(because, 0, out);
            }
            _ => out.push(Effect::LetGoLock),
        }
    }

    pub(super) fn claim(&mut self, because: Because, tries: u32, out: &mut Vec<Effect>) {
        let op = self.next_op();
        self.role = Role::Claiming { op, because, tries };
        out.push(Effect::Claim(op));
    }

    pub(super) fn claimed(
        &mut self,
        now: Now,
        op: u64,
        result: Result<u64, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        let Role::Claiming { op: current, because, tries } = self.role else { return };
        if op != current {
            return;
        }
        match result {
            Ok(epoch) if epoch <= self.epoch => {
                // Somebody cleared the store. The epoch goes on from what the tabs remember.
                let op = self.next_op();
                self.role = Role::Claiming { op, because, tries };
                out.push(Effect::Commit { op, epoch: self.epoch + 1, writes: Vec::new() });
            }
            Ok(epoch) => self.lifted(now, epoch, because, out),
            Err(error) => self.try_again(now, because, tries, &error, out),
        }
    }

    fn lifted(&mut self, now: Now, epoch: u64, because: Because, out: &mut Vec<Effect>) {
        self.epoch = epoch;
        self.read_all(because, 0, out);
        self.beat(now, out);
    }

    fn try_again(
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

    pub(super) fn read_all(&mut self, because: Because, tries: u32, out: &mut Vec<Effect>) {
        let op = self.next_op();
        self.role = Role::Reading { op, because, tries };
        out.push(Effect::Read { op, from: String::new(), to: END.into() });
    }

    pub(super) fn read(
        &mut self,
        now: Now,
        op: u64,
        result: Result<Contents, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        if let Role::Reading { op: current, because, tries } = self.role
            && op == current
        {
            return match result {
                Ok(contents) if contents.epoch > self.epoch && self.epoch > 0 => {
                    self.step_down(now, format!("epoch {} has begun", contents.epoch), out);
                    self.epoch = contents.epoch;
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
        self.epoch = self.epoch.max(contents.epoch);
        let stored = Stored::read(contents);
        Self::report_odd(&stored, out);
        let saved = stored.saved();
        let first = stored.feed.first_key_value().map_or(self.feed.head() + 1, |(n, _)| *n);
        // What was told and not stored comes again behind the cursor and gets the same numbers; a
        // store without a guest was cleared, and nothing will come again.
        let last = stored.feed.last_key_value().map(|(n, _)| *n).unwrap_or_default();
        let head = if stored.guest.is_some() { last } else { last.max(self.feed.head()) };
        self.feed.take(stored.feed, out);
        let mut lead = Lead {
            because,
            state: State::Connecting,
            since: now.mono,
            beat_at: now.mono,
            instance: stored.guest.map(|guest| guest.instance),
            first,
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
        };
        lead.prune(now, &self.config, false);
        self.role = Role::Leading(Box::new(lead));
        self.start_client(saved, out);
        self.poke_calls(now, out);
    }

    pub(super) fn report_odd(stored: &Stored, out: &mut Vec<Effect>) {
        out.extend(stored.odd.iter().map(|odd| {
            let (key, why) = (odd.key.clone(), odd.reason.clone());
            Effect::Notice(Notice::MalformedRecord { key, why })
        }));
    }
}

// Leading, and ceasing to.
impl Coordinator {
    pub(super) fn lead_on(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &self.role else { return };
        if now.mono >= lead.beat_at {
            self.beat(now, out);
        }
        self.commit_changes(now, out);
    }

    /// Says that this tab leads, or is about to.
    pub(super) fn beat(&mut self, now: Now, out: &mut Vec<Effect>) {
        let (head, state, because) = match &mut self.role {
            Role::Leading(lead) => {
                lead.beat_at = now.mono + self.config.beat;
                (lead.told, lead.state.clone(), lead.because)
            }
            Role::Reading { because, .. } => (self.feed.head(), State::Connecting, *because),
            _ => return,
        };
        self.say(Say::Beat { head, state: saying(now, &state), because }, out);
    }

    pub(super) fn lock_lost(&mut self, now: Now, out: &mut Vec<Effect>) {
        match self.role {
            Role::Out { .. } | Role::Alone { .. } | Role::Following { .. } => {}
            // The hand-over that this tab has agreed to.
            Role::Yielding { .. } => self.follow_again(now, out),
            _ => self.step_down(now, "the lock was stolen".into(), out),
        }
    }

    /// Stops leading at once, and waits for its turn again.
    pub(super) fn step_down(&mut self, now: Now, why: String, out: &mut Vec<Effect>) {
        if self.leads() {
            self.stop_client(out);
        }
        out.push(Effect::Notice(Notice::LeadLost(why)));
        self.follow_again(now, out);
        // Whoever leads now may have said so while this tab did not run.
        self.say(Say::Hello { shown: self.feed.shown() }, out);
    }

    fn follow_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.role = Role::Following { because: Because::First };
        self.watch.forget(now.mono);
        // Asking anew lets go of what is held.
        out.push(Effect::AskLock(Ask::Queue));
        self.poke_calls(now, out);
    }

    /// Another tab has the user's eyes. It gets the lead when nothing is half done here; it asks
    /// again otherwise.
    pub(super) fn wanted(&mut self, now: Now, tab: String, epoch: u64, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &self.role else { return };
        let ready = lead.instance.is_some()
            && lead.is_idle()
            && !matches!(lead.state, State::Terminal(_))
            && now.mono.since(lead.since) >= self.config.tenure_min;
        if !ready || epoch != self.epoch || self.page.focused_since.is_some() {
            return;
        }
        let because = lead.because;
        self.stop_client(out);
        let until = now.mono + self.config.yield_within;
        self.role = Role::Yielding { until, because };
        self.say(Say::Yield { to: tab }, out);
    }

    /// What no store has goes first: the beat behind it says that this was all.
    pub(super) fn answer_hello(&mut self, now: Now, shown: u64, out: &mut Vec<Effect>) {
        if let Role::Leading(lead) = &self.role {
            let missed = lead.unsaved.range(shown.saturating_add(1)..);
            for (number, message) in missed {
                self.say(Say::Feed { number: *number, message: message.clone() }, out);
            }
        }
        self.beat(now, out);
    }
}

// What the client says.
impl Coordinator {
    pub(super) fn client_says(&mut self, now: Now, said: FromClient, out: &mut Vec<Effect>) {
        if let Role::Alone { state } = &mut self.role {
            match said {
                FromClient::State(new) => *state = new,
                FromClient::Show(message) => out.push(Effect::Show(message)),
                FromClient::Settled(id, outcome) => self.settle(id, outcome, out),
                FromClient::Notice(notice) => out.push(Effect::Notice(notice)),
                FromClient::Remember(_) => {}
            }
            return;
        }
        let Role::Leading(lead) = &mut self.role else { return };
        match said {
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
            FromClient::Notice(notice) => out.push(Effect::Notice(notice)),
            FromClient::Remember(entry) => self.remember(&entry),
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
            Entry::NotBefore { door, until_wall } => {
                let record = NotBeforeRecord { until_ms: millis_up(*until_wall) };
                let key = format!("{NOT_BEFORE}{}", door.name());
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
        let number = lead.head + 1;
        let record = FeedRecord { message: message.clone() };
        let mut writes = vec![put(numbered(FEED, number), &record)];
        if let (Some(sequence), Some(instance)) = (message.sequence, lead.instance.clone()) {
            writes.push(put(CURSOR, &CursorRecord { instance, sequence }));
        }
        lead.head = number;
        lead.change(writes, Then::Announce(number, message));
        if lead.has_surplus(&self.config) {
            lead.prune(now, &self.config, false);
        }
    }

    fn commit_changes(&mut self, now: Now, out: &mut Vec<Effect>) {
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
        if let Role::Claiming { op: current, because, .. } = self.role
            && current == op
        {
            let epoch = self.epoch + 1;
            return self.claimed_after_clearing(now, epoch, because, result, out);
        }
        let Role::Leading(lead) = &mut self.role else { return };
        let Some((_, changes)) = lead.committing.take_if(|(current, _)| *current == op) else {
            return;
        };
        match result {
            Ok(keys) => {
                (lead.tries, lead.pruned) = (0, false);
                lead.unsaved.clear();
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

    fn claimed_after_clearing(
        &mut self,
        now: Now,
        epoch: u64,
        because: Because,
        result: Result<Vec<String>, StoreError>,
        out: &mut Vec<Effect>,
    ) {
        match result {
            Ok(_) => self.lifted(now, epoch, because, out),
            Err(error) => self.try_again(now, because, 0, &error, out),
        }
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
            lead.retry_at = Some(now.mono + self.config.store_retry);
            return;
        }
        // A full or broken store makes nobody deaf: what it should hold is told from memory.
        (lead.tries, lead.pruned) = (0, false);
        lead.retry_at = Some(now.mono + OWED_RETRY);
        if lead.owed.is_empty() {
            out.push(Effect::Notice(Notice::StoreFailed(error.to_string())));
        }
        lead.owed.extend(changes.iter().flat_map(|change| change.writes.clone()));
        let surplus = lead.owed.len().saturating_sub(OWED_MAX);
        lead.owed.drain(..surplus);
        self.tell_changes(changes, true, out);
    }

    fn tell_changes(&mut self, changes: Vec<Change>, unsaved: bool, out: &mut Vec<Effect>) {
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
                    self.feed.offer(number, message.clone(), out);
                    self.say(Say::Feed { number, message }, out);
                }
                Then::Settle(id, outcome) => {
                    self.say(Say::Settled { id, outcome: outcome.clone() }, out);
                    self.settle(id, outcome, out);
                }
            }
        }
    }
}

// What the tabs want sent.
impl Coordinator {
    /// A call of another tab, or of this one said again.
    pub(super) fn answer_call(
        &mut self,
        id: Uuid,
        unsaved: Option<UnsavedDraft>,
        out: &mut Vec<Effect>,
    ) {
        let Role::Leading(lead) = &self.role else { return };
        if let Some((outcome, _)) = lead.settled.get(&id) {
            let outcome = outcome.clone();
            self.say(Say::Settled { id, outcome: outcome.clone() }, out);
            return self.settle(id, outcome, out);
        }
        if lead.pending.contains_key(&id) {
            return;
        }
        match unsaved {
            Some(UnsavedDraft { text, at }) => {
                self.take_unsaved(Draft { id, text, accepted_at: at }, out);
            }
            None => self.read_outbox(out),
        }
    }

    /// A message that no store has.
    pub(super) fn take_unsaved(&mut self, draft: Draft, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if !lead.settled.contains_key(&draft.id) && !lead.pending.contains_key(&draft.id) {
            lead.pending.insert(draft.id, None);
            out.push(Effect::Submit(draft));
        }
    }

    /// A message that is in the store under this number; what lies before it must go first.
    pub(super) fn take_stored(&mut self, number: u64, draft: Draft, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if number == lead.taken + 1 && lead.reading.is_none() {
            lead.taken = number;
            lead.pending.insert(draft.id, Some(number));
            return out.push(Effect::Submit(draft));
        }
        if number > lead.taken {
            self.read_outbox(out);
        }
    }

    fn read_outbox(&mut self, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if let Some((_, again)) = &mut lead.reading {
            *again = true;
            return;
        }
        self.ops += 1;
        lead.reading = Some((self.ops, false));
        let from = numbered(OUTBOX, lead.taken + 1);
        out.push(Effect::Read { op: self.ops, from, to: format!("{OUTBOX}{END}") });
    }

    /// Takes the answer to a read of the outbox; false when it is another's.
    fn outbox_read(
        &mut self,
        op: u64,
        result: &Result<Contents, StoreError>,
        out: &mut Vec<Effect>,
    ) -> bool {
        let Role::Leading(lead) = &mut self.role else { return false };
        let Some((_, again)) = lead.reading.take_if(|(current, _)| *current == op) else {
            return false;
        };
        // A read that failed is made again by the next call: the asking tab says it until it ends.
        if let Ok(contents) = result {
            let stored = Stored::read(contents);
            Self::report_odd(&stored, out);
            for (number, draft) in stored.outbox {
                lead.taken = lead.taken.max(number);
                if lead.pending.insert(draft.id, Some(number)).is_none() {
                    out.push(Effect::Submit(draft));
                }
            }
        }
        if again {
            self.read_outbox(out);
        }
        true
    }
}
