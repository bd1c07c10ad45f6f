//! What becomes of each message that reaches the server. It ignores messages that are refused for
//! good (the client was told), and equal texts whose first copy was acknowledged: people say "ok"
//! twice.

use std::collections::BTreeMap;

use super::{Finding, bound, secs};
use crate::core::hash;
use crate::journal::{About, Entry, Record};

pub(super) const NO_LOSS: &str = "no-loss";
pub(super) const NO_DUPLICATE: &str = "no-duplicate";
pub(super) const IN_ORDER: &str = "in-order";

/// How long a client may take to send again what was not accepted.
const PATIENCE_MS: u64 = 30_000;
/// Messages remembered in one world; beyond, the oldest guest is forgotten.
const MAX_MESSAGES: usize = 20_000;

#[derive(Debug)]
struct Message {
    id: String,
    /// Its place among the guest's messages, by first arrival.
    place: u64,
    last_ms: u64,
    last_seq: u64,
    /// Why it is not in the conversation; `None` when it is, or was refused for good.
    open: Option<String>,
    is_stored: bool,
    is_acked: bool,
    text: u64,
}

#[derive(Debug, Default)]
struct Guest {
    /// By the hash of the id, by which they are found fast.
    messages: BTreeMap<u64, Message>,
    /// The newest message, by its id's hash, with a text of this hash.
    by_text: BTreeMap<u64, u64>,
    arrivals: u64,
    last_stored_place: u64,
}

/// Everybody's messages.
#[derive(Debug, Default)]
pub(super) struct Messages {
    guests: BTreeMap<String, Guest>,
    /// Which message a REST request carries.
    posted: BTreeMap<u64, (String, u64)>,
    count: usize,
}

impl Messages {
    pub(super) fn observe(&mut self, record: &Record, found: &mut Vec<Finding>) {
        match &record.entry {
            Entry::FrameIn { guest, about: About::Message { id, content }, .. } => {
                self.arrives(record, guest, id, *content);
            }
            Entry::Posted { request, guest, about: About::Message { id, content }, .. } => {
                bound(&mut self.posted);
                self.posted.insert(*request, (guest.clone(), hash(id)));
                self.arrives(record, guest, id, *content);
            }
            Entry::Stored { guest, message, .. } => self.stored(record, guest, message, found),
            Entry::Duplicate { guest, message, .. } => {
                if let Some(message) = self.get(guest, hash(message)) {
                    message.open = None;
                }
            }
            Entry::Refused { guest, message: Some(message), code } => {
                if let Some(message) = self.get(guest, hash(message)) {
                    message.open = may_pass(code).then(|| code.clone());
                }
            }
            Entry::FrameOut { guest, about: About::Ack { id }, .. } => {
                if let Some(message) = self.get(guest, hash(id)) {
                    message.is_acked = true;
                }
            }
            Entry::Answer { request, status, .. } => {
                let carried = self.posted.remove(request);
                let carried = carried.filter(|_| *status == 200);
                if let Some(message) = carried.and_then(|(guest, id)| self.get(&guest, id)) {
                    message.is_acked = true;
                }
            }
            _ => {}
        }
    }

    /// What arrived, was not accepted, and never came again.
    pub(super) fn lost(&self, now_ms: u64) -> Vec<Finding> {
        let mut found = Vec::new();
        for (guest, all) in &self.guests {
            for message in all.messages.values() {
                let Message { id, open: Some(why), .. } = message else { continue };
                if now_ms.saturating_sub(message.last_ms) <= PATIENCE_MS {
                    continue;
                }
                let at = secs(message.last_ms);
                let text = format!("{id} came at {at}, was not accepted ({why}), and never again");
                found.push(finding(NO_LOSS, message.last_ms, message.last_seq, guest, text));
            }
        }
        found
    }

    fn arrives(&mut self, record: &Record, guest: &str, id: &str, text: u64) {
        if self.count >= MAX_MESSAGES
            && let Some((_, oldest)) = self.guests.pop_first()
        {
            self.count -= oldest.messages.len();
        }
        let guest = self.guests.entry(guest.to_owned()).or_default();
        if let Some(again) = guest.messages.get_mut(&hash(id)) {
            (again.last_ms, again.last_seq) = (record.at_ms, record.seq);
            return;
        }
        guest.arrivals += 1;
        self.count += 1;
        let message = Message {
            id: id.to_owned(),
            place: guest.arrivals,
            last_ms: record.at_ms,
            last_seq: record.seq,
            open: Some("no answer".to_owned()),
            is_stored: false,
            is_acked: false,
            text,
        };
        guest.messages.insert(hash(id), message);
    }

    fn stored(&mut self, record: &Record, guest: &str, id: &str, found: &mut Vec<Finding>) {
        let (seq, at_ms) = (record.seq, record.at_ms);
        let Some(all) = self.guests.get_mut(guest) else { return };
        let Some(message) = all.messages.get_mut(&hash(id)) else { return };
        (message.open, message.is_stored) = (None, true);
        let (place, text) = (message.place, message.text);
        if place < all.last_stored_place {
            let text =
                format!("{id} was sent before a message that is in the conversation already");
            found.push(finding(IN_ORDER, at_ms, seq, guest, text));
        }
        all.last_stored_place = all.last_stored_place.max(place);
        let twin = all.by_text.insert(text, hash(id));
        let twin = twin.and_then(|twin| all.messages.get(&twin));
        if let Some(Message { id: twin, .. }) = twin.filter(|twin| twin.is_stored && !twin.is_acked)
        {
            let text =
                format!("{id} is {twin} again, whose acknowledgement was lost, under another id");
            found.push(finding(NO_DUPLICATE, at_ms, seq, guest, text));
        }
    }

    fn get(&mut self, guest: &str, id: u64) -> Option<&mut Message> {
        self.guests.get_mut(guest)?.messages.get_mut(&id)
    }
}

fn finding(oracle: &'static str, at_ms: u64, seq: u64, guest: &str, text: String) -> Finding {
    Finding { oracle, at_ms, seq, guest: Some(guest.to_owned()), text }
}

/// Whether the same message may be accepted another time.
fn may_pass(code: &str) -> bool {
    matches!(code, "rate.limited" | "service.unavailable" | "internal.error")
        || code.starts_with("fault.5")
}
