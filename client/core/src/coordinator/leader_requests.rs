//! What the tabs want sent: the leader hands each call to its client once, in order of the store.

use uuid::Uuid;

use super::message::{Draft as UnsavedDraft, Say};
use super::{Coordinator, Effect, Role};
use crate::outbox::Draft;
use crate::store::records::{END, OUTBOX};
use crate::store::stored::Stored;
use crate::store::{Contents, StoreError};

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
            Some(UnsavedDraft { after: Some(before), .. }) if !lead.knows(before) => {}
            Some(UnsavedDraft { text, at, .. }) => {
                // It goes behind whatever the store has.
                self.read_outbox(out);
                self.take_unsaved(Draft { id, text, accepted_at: at }, out);
            }
            None => self.read_outbox(out),
        }
    }

    /// A message that no store has.
    pub(super) fn take_unsaved(&mut self, draft: Draft, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if lead.reading.is_some() {
            // What the read brings was typed before it.
            return lead.behind.push(draft);
        }
        if !lead.settled.contains_key(&draft.id) && !lead.pending.contains_key(&draft.id) {
            lead.pending.insert(draft.id, None);
            out.push(Effect::Submit(draft));
        }
    }

    /// A message that is in the store under this number; what lies before it must go first.
    pub(super) fn take_stored(&mut self, number: u64, draft: Draft, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if number <= lead.taken && !lead.pending.contains_key(&draft.id) {
            lead.restore_guest();
        }
        // It is on its way from memory already: the store had no room for it before.
        if let Some(place) = lead.pending.get_mut(&draft.id) {
            *place = Some(number);
        }
        if number == lead.taken + 1 && lead.reading.is_none() {
            lead.taken = number;
            if lead.pending.insert(draft.id, Some(number)).is_none() {
                out.push(Effect::Submit(draft));
            }
            return;
        }
        if !lead.pending.contains_key(&draft.id) {
            self.read_outbox(out);
        }
    }

    pub(super) fn read_outbox(&mut self, out: &mut Vec<Effect>) {
        let Role::Leading(lead) = &mut self.role else { return };
        if let Some((_, again)) = &mut lead.reading {
            *again = true;
            return;
        }
        self.ops += 1;
        lead.reading = Some((self.ops, false));
        // All of it: numbers begin again when somebody has cleared the store.
        out.push(Effect::Read { op: self.ops, from: OUTBOX.into(), to: format!("{OUTBOX}{END}") });
    }

    /// Takes the answer to a read of the outbox; false when it is another's.
    pub(super) fn outbox_read(
        &mut self,
        op: u64,
        result: &Result<Contents, StoreError>,
        out: &mut Vec<Effect>,
    ) -> bool {
        let Role::Leading(lead) = &mut self.role else { return false };
        let Some((_, again)) = lead.reading.take_if(|(current, _)| *current == op) else {
            return false;
        };
        let behind = std::mem::take(&mut lead.behind);
        // A read that failed is made again by the next call: the asking tab says it until it ends.
        if let Ok(contents) = result {
            self.take_outbox(contents, out);
        }
        if again {
            self.read_outbox(out);
        }
        for draft in behind {
            self.take_unsaved(draft, out);
        }
        true
    }

    fn take_outbox(&mut self, contents: &Contents, out: &mut Vec<Effect>) {
        let stored = Stored::read(contents);
        self.report_odd(&stored, out);
        let Role::Leading(lead) = &mut self.role else { return };
        let taken = lead.taken;
        let mut cleared = contents.epoch < self.epoch;
        for (number, draft) in stored.outbox {
            lead.taken = number;
            if !lead.settled.contains_key(&draft.id)
                && lead.pending.insert(draft.id, Some(number)).is_none()
            {
                // New under a number that was taken before: the numbers have begun again.
                cleared |= number <= taken;
                out.push(Effect::Submit(draft));
            }
        }
        if cleared {
            lead.restore_guest();
        }
    }
}
