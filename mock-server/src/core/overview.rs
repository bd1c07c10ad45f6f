//! What the operator of the cloud may see and do beside its clients.

use super::answer::Push;
use super::effect::{Effect, End};
use super::error::CloudError;
use super::refusal::Refusal;
use super::registry::Guest;
use super::time::Now;
use super::{CloudConfig, Core, TokenBucket};

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
        self.guests.registered()
    }

    /// Every guest that is remembered, in order of creation.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = &Guest> {
        self.guests.iter().map(|(_, guest)| guest)
    }

    /// The guest of this instance.
    pub(crate) fn guest(&self, instance: &str) -> Option<&Guest> {
        self.guests.get(self.guests.find(instance)?)
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

    /// Tells the sockets of a guest, or of the newest living one, what is no message.
    pub(crate) fn push(
        &self,
        guest: Option<&str>,
        push: &Push,
        out: &mut Vec<Effect>,
    ) -> Result<(), CloudError> {
        let index = self.guest_to_address(guest)?;
        let sockets = self.sockets.iter().filter(|&(_, &owner)| owner == index);
        out.extend(sockets.map(|(&socket, _)| Effect::Send { socket, push: push.clone() }));
        Ok(())
    }
}
