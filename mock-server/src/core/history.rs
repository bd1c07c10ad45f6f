//! What the agent said, and reading it again from a sequence on.

use super::effect::Effect;
use super::error::CloudError;
use super::refusal::Refusal;
use super::reply::Subject;
use super::time::Now;
use super::wire::{AgentMessage, Page};
use super::{CloudEvent, Core, GuestIndex};
use crate::faults::{Delivery, Reply};
use crate::faults::{Occasion, Outcome};

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
        let message = AgentMessage::new(text, told, sequence);
        let frame = message.to_json();
        guest.last_message = now.mono;
        let instance = guest.instance.clone();
        self.guests.say(index, message, self.config.max_conversation_bytes);
        out.push(Effect::Event(CloudEvent::AgentSaid { guest: instance, message_id, sequence }));
        let sockets = self.sockets.iter().filter(|&(_, &owner)| owner == index);
        let sockets: Vec<u64> = sockets.map(|(&socket, _)| socket).collect();
        for socket in sockets {
            let delivery = match self.strike(now, Occasion::Agent, Subject::Guest(index), out) {
                Outcome::Handle(delivery) => delivery,
                _ => Delivery { copies: 0, ..Delivery::default() },
            };
            out.push(Effect::Send { socket, text: frame.clone(), delivery });
        }
        Ok(sequence)
    }

    /// `GET .../messages?after=<sequence>`: the agent's messages with a higher sequence, one page
    /// of them. An absent or empty `after` is 0.
    pub fn history(
        &mut self,
        now: Now,
        instance: &str,
        token: Option<&str>,
        after: Option<&str>,
        out: &mut Vec<Effect>,
    ) -> Reply<Page> {
        self.bent(now, Occasion::History, Subject::Instance(instance), out, |core, out| {
            let guest = core.identify(now, instance, token, true, out)?;
            let after = match after {
                None | Some("") => 0,
                Some(text) => text.parse::<u64>().map_err(|_| {
                    let expected = "a sequence: a whole number, 0 or more";
                    Refusal::field_invalid("after", expected)
                })?,
            };
            Ok(core.page(guest, after))
        })
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
