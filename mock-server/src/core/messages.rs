//! The one path of a guest's message, whichever route it took: one id is one message, the order
//! of acceptance is kept, and only what would be stored costs rate.

use super::answer::{Ack, GuestMessage};
use super::effect::Effect;
use super::event::{CloudEvent, Route, StoredMessage};
use super::refusal::Refusal;
use super::time::Now;
use super::{Core, GuestIndex};

/// Who brings a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller<'a> {
    /// A REST request to this instance with this bearer, if any.
    Rest {
        /// The `webchatInstanceId` in the path.
        instance: &'a str,
        /// The bearer.
        token: Option<&'a str>,
    },
    /// A socket that was let in for this guest; it stays so when the token expires later.
    Socket {
        /// The guest of the [`Admission`](super::Admission).
        guest: GuestIndex,
    },
}

impl Caller<'_> {
    fn route(self) -> Route {
        match self {
            Self::Rest { .. } => Route::Rest,
            Self::Socket { .. } => Route::Socket,
        }
    }
}

impl Core {
    /// Takes one message, or what was wrong with one. A stranger hears that it is one, not what is wrong
    /// with its message.
    pub fn message(
        &mut self,
        now: Now,
        caller: Caller<'_>,
        message: Result<GuestMessage, Refusal>,
        out: &mut Vec<Effect>,
    ) -> Result<Ack, Refusal> {
        let id = match &message {
            Ok(message) => Some(message.id.clone()),
            Err(malformed) => malformed.message_id.clone().map(String::from),
        };
        let accepted = self
            .identify_caller(now, caller, out)
            .and_then(|guest| self.accept(now, guest, caller.route(), message?, out));
        accepted.map_err(|refusal| self.refused(caller, id, refusal, out))
    }

    fn identify_caller(
        &mut self,
        now: Now,
        caller: Caller<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<GuestIndex, Refusal> {
        match caller {
            Caller::Rest { instance, token } => self.identify(now, instance, token, true, out),
            Caller::Socket { guest } => self.check_alive(now, guest, out).map(|()| guest),
        }
    }

    fn accept(
        &mut self,
        now: Now,
        index: GuestIndex,
        route: Route,
        message: GuestMessage,
        out: &mut Vec<Effect>,
    ) -> Result<Ack, Refusal> {
        let limit = self.config.max_text_bytes;
        let guest = &mut self.guests[index];
        let instance = guest.instance.clone();
        let message_id = message.id;
        let ack = Ack { message_id: message_id.clone() };
        if guest.has_stored(&message_id) {
            let event = CloudEvent::DuplicateIgnored { guest: instance, message_id, route };
            out.push(Effect::Event(event));
            return Ok(ack);
        }
        if message.content.len() > limit {
            return Err(Refusal::message_too_long(message.content.len(), limit));
        }
        let rate = self.config.messages_per_second;
        guest
            .bucket
            .take(now.mono)
            .map_err(|wait| Refusal::rate_limited(&format!("{rate} messages a second"), wait))?;
        guest.last_message = now.mono;
        let stored = StoredMessage { id: message_id.clone(), content: message.content, route };
        self.guests.store(index, stored, self.config.max_conversation_bytes);
        out.push(Effect::Event(CloudEvent::MessageStored { guest: instance, message_id, route }));
        Ok(ack)
    }

    /// Reports a refusal for the guest it concerns, if there is one, and names the message in it.
    pub(crate) fn refused(
        &self,
        caller: Caller<'_>,
        message_id: Option<String>,
        mut refusal: Refusal,
        out: &mut Vec<Effect>,
    ) -> Refusal {
        let guest = match caller {
            Caller::Rest { instance, .. } => self.guests.find(instance),
            Caller::Socket { guest } => Some(guest),
        };
        refusal.message_id = message_id.as_deref().map(Box::from);
        if let Some(guest) = guest.and_then(|guest| self.guests.get(guest)) {
            let guest = guest.instance.clone();
            let code = String::from(refusal.code.clone());
            out.push(Effect::Event(CloudEvent::MessageRefused { guest, message_id, code }));
        }
        refusal
    }
}
