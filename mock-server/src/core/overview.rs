//! What the operator of the cloud may see and do beside its clients.

use serde_json::{Value, json};

use super::effect::{Effect, End};
use super::error::CloudError;
use super::refusal::Refusal;
use super::roll::{Guest, GuestIndex};
use super::time::Now;
use super::{CloudConfig, Core, TokenBucket};
use crate::faults::Delivery;

impl Core {
    /// Other numbers from now on; every session's rate begins anew with them.
    pub(crate) fn reconfigure(&mut self, now: Now, config: &CloudConfig) {
        if self.config.messages_per_second != config.messages_per_second
            || self.config.burst != config.burst
        {
            for guest in self.guests.iter_mut() {
                guest.bucket = TokenBucket::new(config.messages_per_second, config.burst, now.mono);
            }
        }
        self.config = config.clone();
    }

    /// How many guests there ever were.
    pub(crate) fn guest_count(&self) -> usize {
        self.guests.enrolled()
    }

    /// Every guest that is remembered in short, in order of creation.
    pub(crate) fn overview(&self) -> Vec<Value> {
        let told = |(_, guest): (GuestIndex, &Guest)| {
            json!({
                "guest": guest.instance,
                "gone": guest.gone,
                "stored": guest.stored().len(),
                "said": guest.said().len(),
                "sockets": guest.sockets,
            })
        };
        self.guests.iter().map(told).collect()
    }

    /// All that was said in one conversation, by whom.
    pub(crate) fn whole_conversation(&self, guest: &str) -> Option<Value> {
        let guest = &self.guests[self.guests.find(guest)?];
        let stored: Vec<Value> = guest
            .stored()
            .iter()
            .map(|message| {
                let road = message.road.to_string();
                json!({"id": message.id, "content": message.content, "road": road})
            })
            .collect();
        Some(json!({
            "guest": guest.instance,
            "gone": guest.gone,
            "stored": stored,
            "said": guest.said(),
        }))
    }

    /// The id and text of every message in the conversation of one guest, or of all.
    pub(crate) fn stored_by(&self, guest: Option<&str>) -> Vec<(String, String)> {
        let meant = self.guests.iter().map(|(_, one)| one);
        let meant = meant.filter(|one| guest.is_none_or(|name| one.instance == name));
        let messages = meant.flat_map(Guest::stored);
        messages.map(|message| (message.id.clone(), message.content.clone())).collect()
    }

    /// Whether something can still happen to a guest.
    pub(crate) fn is_living(&self, guest: &str) -> Result<(), Refusal> {
        match self.guests.find(guest) {
            None => Err(Refusal::instance_unknown(guest)),
            Some(index) if self.guests[index].gone => Err(Refusal::guest_gone()),
            Some(_) => Ok(()),
        }
    }

    /// Ends the sockets of one guest or of all; how many, or `None` for an unknown guest.
    pub(crate) fn end_sockets_of(
        &self,
        guest: Option<&str>,
        end: &End,
        out: &mut Vec<Effect>,
    ) -> Option<usize> {
        let guest = match guest {
            Some(name) => Some(self.guests.find(name)?),
            None => None,
        };
        let before = out.len();
        let meant = self.sockets.iter().filter(|&(_, &owner)| guest.is_none_or(|one| owner == one));
        out.extend(meant.map(|(&socket, _)| Effect::End { socket, end: end.clone() }));
        Some(out.len() - before)
    }

    /// Sends a frame that is no message to the sockets of a guest, or of the newest living one.
    pub(crate) fn send_frame(
        &self,
        guest: Option<&str>,
        frame: &str,
        out: &mut Vec<Effect>,
    ) -> Result<(), CloudError> {
        let index = self.guest_to_address(guest)?;
        for (&socket, _) in self.sockets.iter().filter(|&(_, &owner)| owner == index) {
            out.push(Effect::Send {
                socket,
                text: frame.to_owned(),
                delivery: Delivery::default(),
            });
        }
        Ok(())
    }
}
