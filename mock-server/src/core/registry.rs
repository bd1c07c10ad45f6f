//! The guests that the cloud remembers and what was said in their conversations, both bounded:
//! beyond, the oldest guest without a socket is no more, and the oldest message anywhere is no
//! longer in its conversation. It refuses to forget a guest whose socket is open.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::{Index, IndexMut};
use std::time::Duration;

use super::answer::AgentMessage;
use super::bucket::TokenBucket;
use super::event::StoredMessage;
use super::hash;

/// The position of a guest in order of creation.
pub type GuestIndex = usize;

/// What a message takes beside its text and its ids.
const MESSAGE_BYTES: usize = 192;

/// One guest and its conversation.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) instance: String,
    pub(super) last_message: Duration,
    pub(crate) gone: bool,
    pub(super) bucket: TokenBucket,
    /// Sockets that are open.
    pub(crate) sockets: usize,
    stored: VecDeque<StoredMessage>,
    /// The id of each, after its hash: numbers are compared in a fraction of the time of texts.
    message_ids: BTreeSet<(u64, String)>,
    said: VecDeque<AgentMessage>,
    /// The agent's messages that are no longer remembered.
    said_before: u64,
}

impl Guest {
    pub(super) fn new(instance: String, now: Duration, bucket: TokenBucket) -> Self {
        Self {
            instance,
            last_message: now,
            gone: false,
            bucket,
            sockets: 0,
            stored: VecDeque::new(),
            message_ids: BTreeSet::new(),
            said: VecDeque::new(),
            said_before: 0,
        }
    }

    /// The guest's messages that are remembered, in order of acceptance.
    pub(crate) fn stored(&self) -> &VecDeque<StoredMessage> {
        &self.stored
    }

    /// The agent's that are remembered; their sequences have no gaps.
    pub(crate) fn said(&self) -> &VecDeque<AgentMessage> {
        &self.said
    }

    pub(super) fn has_stored(&self, id: &str) -> bool {
        self.message_ids.contains(&(hash(id), id.to_owned()))
    }

    /// The sequence of the agent's last message, from 1; 0 before the first.
    pub(super) fn last_sequence(&self) -> u64 {
        self.said_before + self.said.len() as u64
    }

    /// The agent's messages with a higher sequence than `after`, as far as they are remembered.
    pub(super) fn said_after(&self, after: u64) -> impl ExactSizeIterator<Item = &AgentMessage> {
        // Sequences count from 1 without gaps, so a sequence is the number of messages up to it.
        let start = after.saturating_sub(self.said_before);
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(self.said.len());
        self.said.range(start..)
    }

    fn forget_oldest(&mut self, side: Side) -> usize {
        match side {
            Side::Guest => self.stored.pop_front().map_or(0, |message| {
                let bytes = size_of_stored(&message);
                self.message_ids.remove(&(hash(&message.id), message.id));
                bytes
            }),
            Side::Agent => self.said.pop_front().map_or(0, |message| {
                self.said_before += 1;
                size_of_said(&message)
            }),
        }
    }

    fn bytes(&self) -> usize {
        let stored: usize = self.stored.iter().map(size_of_stored).sum();
        stored + self.said.iter().map(size_of_said).sum::<usize>()
    }
}

fn size_of_stored(message: &StoredMessage) -> usize {
    MESSAGE_BYTES + 2 * message.id.len() + message.content.len()
}

fn size_of_said(message: &AgentMessage) -> usize {
    MESSAGE_BYTES + message.message_id.len() + message.content.len()
}

#[derive(Debug, Clone, Copy)]
enum Side {
    Guest,
    Agent,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    guests: BTreeMap<GuestIndex, Guest>,
    by_instance: BTreeMap<String, GuestIndex>,
    /// How many there ever were.
    registered: usize,
    /// In whose conversation each message is, the oldest first; those of forgotten guests linger.
    order: VecDeque<(GuestIndex, Side)>,
    bytes: usize,
}

impl Registry {
    /// A guest more.
    pub(super) fn register(&mut self, guest: Guest) -> GuestIndex {
        let index = self.registered;
        self.registered += 1;
        self.by_instance.insert(guest.instance.clone(), index);
        self.guests.insert(index, guest);
        index
    }

    /// Forgets guests until there is room for one more among `max`; `None` when all are in use.
    pub(super) fn make_room(&mut self, max: usize) -> Option<Vec<(GuestIndex, Guest)>> {
        let mut forgotten = Vec::new();
        while self.guests.len() >= max {
            let index =
                self.guests.iter().find(|(_, guest)| guest.sockets == 0).map(|(&at, _)| at)?;
            let guest = self.guests.remove(&index)?;
            self.by_instance.remove(&guest.instance);
            self.bytes -= guest.bytes();
            forgotten.push((index, guest));
        }
        Some(forgotten)
    }

    /// A guest's message is in its conversation from now on.
    pub(super) fn store(&mut self, index: GuestIndex, message: StoredMessage, max_bytes: usize) {
        self.bytes += size_of_stored(&message);
        let guest = &mut self[index];
        guest.message_ids.insert((hash(&message.id), message.id.clone()));
        guest.stored.push_back(message);
        self.remember(index, Side::Guest, max_bytes);
    }

    /// A message of the agent is in a guest's conversation from now on.
    pub(super) fn say(&mut self, index: GuestIndex, message: AgentMessage, max_bytes: usize) {
        self.bytes += size_of_said(&message);
        self[index].said.push_back(message);
        self.remember(index, Side::Agent, max_bytes);
    }

    fn remember(&mut self, index: GuestIndex, side: Side, max_bytes: usize) {
        self.order.push_back((index, side));
        // The newest message stays, however long it is.
        while self.bytes > max_bytes
            && self.order.len() > 1
            && let Some((oldest, side)) = self.order.pop_front()
        {
            let freed = self.guests.get_mut(&oldest).map_or(0, |guest| guest.forget_oldest(side));
            self.bytes -= freed;
        }
        // More than half of it is of guests that are forgotten: no message takes less.
        if self.order.len() > 64 + 2 * self.bytes / MESSAGE_BYTES {
            self.order.retain(|(guest, _)| self.guests.contains_key(guest));
        }
    }

    pub(super) fn get(&self, index: GuestIndex) -> Option<&Guest> {
        self.guests.get(&index)
    }

    pub(super) fn get_mut(&mut self, index: GuestIndex) -> Option<&mut Guest> {
        self.guests.get_mut(&index)
    }

    /// Whose instance this is.
    pub(super) fn find(&self, instance: &str) -> Option<GuestIndex> {
        self.by_instance.get(instance).copied()
    }

    /// Every guest that is remembered, in order of creation.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (GuestIndex, &Guest)> {
        self.guests.iter().map(|(&index, guest)| (index, guest))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Guest> {
        self.guests.values_mut()
    }

    /// How many there ever were.
    pub(super) fn registered(&self) -> usize {
        self.registered
    }
}

/// Of a guest that was found in this very step.
impl Index<GuestIndex> for Registry {
    type Output = Guest;

    fn index(&self, index: GuestIndex) -> &Guest {
        &self.guests[&index]
    }
}

impl IndexMut<GuestIndex> for Registry {
    fn index_mut(&mut self, index: GuestIndex) -> &mut Guest {
        self.guests.get_mut(&index).expect("a guest is forgotten between two steps only")
    }
}
