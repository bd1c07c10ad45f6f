//! What the agent said, and reading it again from a sequence on.

use super::answer::{AgentMessage, Page, Push};
use super::effect::Effect;
use super::error::CloudError;
use super::refusal::Refusal;
use super::time::Now;
use super::{CloudEvent, Core, GuestIndex};

impl Core {
    /// The agent says `text` to `guest`, or to the newest living guest; the sequence it gets
    /// starts at 1 in each conversation. It goes to every open socket of the guest.
    pub fn agent_says(
        &mut self,
        now: Now,
        guest: Option<&str>,
        text: &str,
        out: &mut Vec<Effect>,
    ) -> Result<u64, CloudError> {
        let index = self.guest_to_address(guest)?;
        if self.check_alive(now, index, out).is_err() {
            return Err(CloudError::GuestGone { guest: self.guests[index].instance.clone() });
        }
        let message_id = self.draw_uuid();
        let told = if self.config.agent_message_ids { message_id.as_str() } else { "" };
        let guest = &mut self.guests[index];
        let sequence = guest.last_sequence() + 1;
        let message =
            AgentMessage { content: text.to_owned(), message_id: told.to_owned(), sequence };
        guest.last_message = now.mono;
        let instance = guest.instance.clone();
        out.push(Effect::Event(CloudEvent::AgentSaid { guest: instance, message_id, sequence }));
        for (&socket, _) in self.sockets.iter().filter(|&(_, &owner)| owner == index) {
            out.push(Effect::Send { socket, push: Push::Message(message.clone()) });
        }
        self.guests.say(index, message, self.config.max_conversation_bytes);
        Ok(sequence)
    }

    /// The agent's messages with a higher sequence than `after`, one page of them.
    pub fn history(
        &mut self,
        now: Now,
        instance: &str,
        token: Option<&str>,
        after: Result<u64, Refusal>,
        out: &mut Vec<Effect>,
    ) -> Result<Page, Refusal> {
        let guest = self.identify(now, instance, token, true, out)?;
        Ok(self.page(guest, after?))
    }

    fn page(&self, guest: GuestIndex, after: u64) -> Page {
        let said = self.guests[guest].said_after(after);
        let (all, page) = (said.len(), self.config.history_page.max(1));
        Page { messages: said.take(page).cloned().collect(), more: all > page }
    }

    pub(super) fn guest_to_address(&self, guest: Option<&str>) -> Result<GuestIndex, CloudError> {
        match guest {
            Some(name) => self
                .guests
                .find(name)
                .ok_or_else(|| CloudError::UnknownGuest { guest: name.to_owned() }),
            None => self
                .newest_guest()
                .filter(|&guest| !self.guests[guest].gone)
                .ok_or(CloudError::NoGuest),
        }
    }
}
