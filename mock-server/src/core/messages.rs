//! The one path of a guest's message, whichever road it took: one id is one message, the order
//! of acceptance is kept, and only what would be stored costs rate.

use super::effect::Effect;
use super::event::{CloudEvent, Road, StoredMessage};
use super::refusal::Refusal;
use super::reply::Subject;
use super::time::Now;
use super::wire::{Ack, GuestMessage};
use super::{Core, GuestIndex};
use crate::faults::Occasion;
use crate::faults::Reply;

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
    fn road(self) -> Road {
        match self {
            Self::Rest { .. } => Road::Rest,
            Self::Socket { .. } => Road::Socket,
        }
    }

    fn subject(&self) -> Subject<'_> {
        match *self {
            Self::Rest { instance, .. } => Subject::Instance(instance),
            Self::Socket { guest } => Subject::Guest(guest),
        }
    }

    fn occasion(self) -> Occasion {
        match self {
            Self::Rest { .. } => Occasion::MessageByRest,
            Self::Socket { .. } => Occasion::MessageBySocket,
        }
    }
}

impl Core {
    /// Takes one message as it came: the body of a POST or the text of a frame.
    pub fn message(
        &mut self,
        now: Now,
        caller: Caller<'_>,
        raw: &[u8],
        out: &mut Vec<Effect>,
    ) -> Reply<Ack> {
        let message = match GuestMessage::parse(raw) {
            Ok(message) => message,
            Err(malformed) => {
                // A stranger hears that it is one, not what is wrong with its JSON.
                let message_id = malformed.message_id.clone().map(String::from);
                let refusal = match self.identify_caller(now, caller, out) {
                    Ok(_) => malformed,
                    Err(refusal) => refusal,
                };
                return Reply::plain(Err(self.refused(caller, message_id, refusal, out)));
            }
        };
        let id = message.id.clone();
        let mut handled = false;
        let reply = self.bent(now, caller.occasion(), caller.subject(), out, |core, out| {
            handled = true;
            let id = message.id.clone();
            let accepted = core
                .identify_caller(now, caller, out)
                .and_then(|guest| core.accept(now, guest, caller.road(), message, out));
            accepted.map_err(|refusal| core.refused(caller, Some(id), refusal, out))
        });
        match reply {
            Reply::Send { answer: Err(refusal), delivery } if !handled => {
                let refusal = self.refused(caller, Some(id), refusal, out);
                Reply::Send { answer: Err(refusal), delivery }
            }
            reply => reply,
        }
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
        road: Road,
        message: GuestMessage,
        out: &mut Vec<Effect>,
    ) -> Result<Ack, Refusal> {
        let limit = self.config.max_text_bytes;
        let guest = &mut self.guests[index];
        let instance = guest.instance.clone();
        let message_id = message.id;
        let ack = Ack::new(&message_id);
        if guest.has_stored(&message_id) {
            let event = CloudEvent::DuplicateIgnored { guest: instance, message_id, road };
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
        let stored = StoredMessage { id: message_id.clone(), content: message.content, road };
        self.guests.store(index, stored, self.config.max_conversation_bytes);
        out.push(Effect::Event(CloudEvent::MessageStored { guest: instance, message_id, road }));
        Ok(ack)
    }

    /// Reports a refusal for the guest it concerns, if there is one, and names the message in it.
    fn refused(
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
