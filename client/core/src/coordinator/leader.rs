//! Leading: say that this tab lives, hand over when the user looks elsewhere, and stop at once when
//! the lead is lost. What a leader keeps is here too, and how much of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use super::hand_over::Leaving;
use super::message::Say;
use super::{Ask, Coordinator, CoordinatorConfig, Effect, Role, saying};
use crate::credentials::SavedGuest;
use crate::outbox::Draft;
use crate::store::records::{CURSOR, CursorRecord, FEED, GUEST, GuestRecord, SEEN, SETTLED, put};
use crate::store::{Write, number_of, numbered};
use crate::time::{Instant, Now, Wall};
use crate::types::{Because, Event, Inbound, Notice, Outcome, State};

/// Between two tries to write what a full store owes.
pub(super) const OWED_RETRY: Duration = Duration::from_secs(10);
/// Records of each kind that another tab may still ask for, and that are kept whatever the room.
const KEPT_MIN: usize = 100;
/// How often a leader looks into the outbox although nobody has called.
const OUTBOX_READ_EVERY: Duration = Duration::from_secs(30);
/// Writes owed at most; beyond it the oldest are given up.
pub(super) const OWED_MAX: usize = 2_000;

/// What may be told once the store has it.
#[derive(Debug, Clone)]
pub(super) enum Then {
    Nothing,
    Announce(u64, Inbound),
    Settle(Uuid, Outcome),
    /// The number of the record is known from now on.
    Seen(Wall),
}

#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) writes: Vec<Write>,
    pub(super) then: Then,
}

impl Change {
    pub(super) fn has_guest(&self) -> bool {
        self.writes.iter().any(|write| matches!(write, Write::Put { key, .. } if key == GUEST))
    }
}

/// What a leader keeps while it leads.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    pub(super) because: Because,
    pub(super) state: State,
    pub(super) since: Instant,
    pub(super) beat_at: Instant,
    /// The guest, and how far its conversation is in the feed.
    pub(super) guest: Option<SavedGuest>,
    /// The store does not have this guest yet.
    pub(super) guest_is_new: bool,
    pub(super) cursor: u64,
    /// The positions of the feed that are in the store, or owed to it.
    pub(super) places: BTreeSet<u64>,
    /// The last position.
    pub(super) head: u64,
    /// The last position that was told.
    pub(super) told: u64,
    /// Positions that the store could not take, for tabs that ask.
    pub(super) unsaved: BTreeMap<u64, Inbound>,
    /// What the store could not take; it comes first when there is room again.
    pub(super) owed: Vec<Write>,
    /// Pending messages, with their number in the store.
    pub(super) pending: BTreeMap<Uuid, Option<u64>>,
    /// The last number of the outbox that was handed to the client.
    pub(super) taken: u64,
    /// When what came without a number was shown, by number of its record.
    pub(super) seen: BTreeMap<u64, Wall>,
    pub(super) settled: BTreeMap<Uuid, (Outcome, Wall)>,
    pub(super) changes: Vec<Change>,
    pub(super) committing: Option<(u64, Vec<Change>)>,
    pub(super) retry_at: Option<Instant>,
    pub(super) tries: u32,
    /// Old records were given up for room since the store was last written.
    pub(super) pruned: bool,
    /// Reads the outbox: the number of the read, and whether once more behind it.
    pub(super) reading: Option<(u64, bool)>,
    /// When it was last read.
    pub(super) read_at: Instant,
    /// What no store has and was handed over while the outbox was being read.
    pub(super) behind: Vec<Draft>,
    /// The client was stopped for another tab.
    pub(super) leaving: Option<Leaving>,
}

impl Lead {
    pub(super) fn next_deadline(&self) -> Instant {
        let leaving = self.leaving.as_ref().map(|leaving| leaving.until);
        [self.retry_at, leaving].into_iter().flatten().fold(self.beat_at, Instant::min)
    }

    pub(super) fn change(&mut self, writes: Vec<Write>, then: Then) {
        self.changes.push(Change { writes, then });
    }

    /// Deletes what is too old or too much; `half` gives up half of everything, for room, but for
    /// the last [`KEPT_MIN`] of each.
    pub(super) fn prune(&mut self, now: Now, config: &CoordinatorConfig, half: bool) {
        let most = |max: usize, len: usize| if half { max.min(KEPT_MIN.max(len / 2)) } else { max };
        let mut writes = Vec::new();
        let delete = |key: String| Write::Delete { key };
        let keep = most(config.feed_max, self.places.len());
        while self.places.len() > keep
            && let Some(oldest) = self.places.pop_first()
        {
            writes.push(delete(numbered(FEED, oldest)));
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

    /// Whether this call has been taken.
    pub(super) fn knows(&self, id: Uuid) -> bool {
        self.pending.contains_key(&id)
            || self.settled.contains_key(&id)
            || self.behind.iter().any(|draft| draft.id == id)
    }

    /// Whether the next leader would lose nothing: a message or an outcome that is not stored yet
    /// comes again by itself, a wait that a server asked for does not.
    pub(super) fn can_be_continued(&self) -> bool {
        let committing = self.committing.iter().flat_map(|(_, changes)| changes);
        let mut changes = self.changes.iter().chain(committing);
        !changes.any(|change| matches!(change.then, Then::Nothing))
    }

    /// What was appended has its numbers now.
    pub(super) fn learn_numbers(&mut self, changes: &[Change], keys: &[String]) {
        let times = changes.iter().filter_map(|change| match change.then {
            Then::Seen(at) => Some(at),
            _ => None,
        });
        let numbers = keys.iter().filter_map(|key| number_of(SEEN, key));
        self.seen.extend(numbers.zip(times));
    }

    /// Somebody has cleared the store while the conversation goes on.
    pub(super) fn restore_guest(&mut self) {
        let Some(guest) = &self.guest else { return };
        let (instance, sequence) = (guest.instance.clone(), self.cursor);
        let mut writes = vec![put(GUEST, &GuestRecord::from(guest))];
        writes.push(put(CURSOR, &CursorRecord { instance, sequence }));
        self.change(writes, Then::Nothing);
    }

    /// Another guest has another conversation: what was seen of the old one goes with it.
    pub(super) fn remember_guest(&mut self, guest: &SavedGuest) {
        let mut writes = vec![put(GUEST, &GuestRecord::from(guest))];
        if self.guest.as_ref().is_some_and(|old| old.instance != guest.instance) {
            let seen = std::mem::take(&mut self.seen);
            let delete = |number| Write::Delete { key: numbered(SEEN, number) };
            writes.extend(seen.into_keys().map(delete));
            self.cursor = 0;
        }
        self.guest_is_new |= self.guest.as_ref().is_none_or(|old| old.instance != guest.instance);
        self.guest = Some(guest.clone());
        self.change(writes, Then::Nothing);
    }

    pub(super) fn has_surplus(&self, config: &CoordinatorConfig) -> bool {
        // A tenth more than the bound, so that not every message prunes.
        let over = |len: usize, max: usize| len > max + max / 10;
        over(self.places.len(), config.feed_max)
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

impl Coordinator {
    pub(super) fn lead_on(&mut self, now: Now, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &self.role else { return };
        if now.mono >= lead.beat_at {
            // So late a beat is that of a page that slept, perhaps without a word. Whoever called
            // meanwhile may be gone, and does not call again. A short sleep nobody notices.
            let slept = now.mono.since(lead.beat_at) > self.config.beat;
            let unread = now.mono.since(lead.read_at) >= OUTBOX_READ_EVERY;
            self.beat(now, out);
            if slept || unread {
                if let Role::Leading(lead) = &mut self.role {
                    lead.read_at = now.mono;
                }
                self.read_outbox(out);
            }
        }
        self.commit_changes(now, out);
        self.yield_when_done(now, out);
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
            Role::Out { .. } | Role::Alone { .. } => {}
            // It was granted and stolen while this tab slept, and the request went with it; or this
            // is the hand-over that the tab has agreed to.
            Role::Following { .. } | Role::Yielding { .. } => self.follow_again(now, out),
            _ => self.step_down(now, "the lock was stolen".into(), out),
        }
    }

    /// Stops leading at once, and waits for its turn again.
    pub(super) fn step_down(&mut self, now: Now, why: String, out: &mut Vec<Effect>) {
        if self.leads() {
            self.stop_client(out);
        }
        out.push(Effect::Publish(Event::Notice(Notice::LeadLost(why))));
        self.follow_again(now, out);
        // Whoever leads now may have said so while this tab did not run.
        self.say(Say::Hello { shown: self.feed.settled() }, out);
    }

    fn follow_again(&mut self, now: Now, out: &mut Vec<Effect>) {
        self.role = Role::Following { because: Because::First };
        self.watch.forget(now.mono);
        // Asking anew lets go of what is held.
        out.push(Effect::AskLock(Ask::Queue));
        self.poke_calls(now, out);
    }

    /// What no store has goes first: the beat behind it says that this was all.
    pub(super) fn answer_hello(&mut self, now: Now, tab: &str, shown: u64, out: &mut Vec<Effect>) {
        // Another page since, it knows nothing of it.
        self.comes_not(now, tab, out);
        if let Role::Leading(lead) = &self.role {
            let missed = lead.unsaved.range(shown.saturating_add(1)..);
            for (number, message) in missed {
                let (number, message) = (*number, message.clone());
                self.say(Say::Feed { number, message, unsaved: true }, out);
            }
        }
        self.beat(now, out);
    }
}
