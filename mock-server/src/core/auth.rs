//! Who is asking. The order of refusals is fixed: an unknown token learns nothing about
//! instances; a gone guest hears so before it hears that its token has expired as well.

use super::effect::Effect;
use super::refusal::Refusal;
use super::time::Now;
use super::{CloudEvent, Core, End, GuestIndex};

/// The places where a socket handshake may carry the guest token, strongest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carriers {
    /// From `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// From `?token=`.
    pub query: Option<String>,
    /// Every value offered in `Sec-WebSocket-Protocol`, in order.
    pub protocols: Vec<String>,
}

/// A handshake that was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The guest the socket belongs to.
    pub guest: GuestIndex,
    /// The subprotocol to echo, one of those offered (RFC 6455 4.2.2).
    pub protocol: Option<String>,
}

impl Core {
    /// Decides about a socket handshake.
    pub fn admit(
        &mut self,
        now: Now,
        instance: &str,
        carriers: &Carriers,
        out: &mut Vec<Effect>,
    ) -> Result<Admission, Refusal> {
        let strict = self.config.strict_socket_auth;
        let token = self.carried_token(carriers, strict);
        let guest = self.identify(now, instance, token, strict, out)?;
        Ok(Admission { guest, protocol: chosen_protocol(carriers, token) })
    }

    /// Whose request this is, if the token may speak for `instance`. A missing token is only let
    /// through when `token_needed` is false.
    pub(super) fn identify(
        &mut self,
        now: Now,
        instance: &str,
        token: Option<&str>,
        token_needed: bool,
        out: &mut Vec<Effect>,
    ) -> Result<GuestIndex, Refusal> {
        let token = match token {
            Some(text) => Some(self.tokens.get(text).ok_or_else(Refusal::token_unknown)?),
            None if token_needed => return Err(Refusal::token_missing()),
            None => None,
        };
        let guest =
            self.guests.find(instance).ok_or_else(|| Refusal::instance_unknown(instance))?;
        if token.is_some_and(|token| token.guest != guest) {
            return Err(Refusal::instance_mismatch());
        }
        self.check_alive(now, guest, out)?;
        if token.is_some_and(|token| now.mono >= token.expires_at) {
            return Err(Refusal::token_expired());
        }
        Ok(guest)
    }

    /// Notices a guest whose life is over, the first time anybody asks for it.
    pub(super) fn check_alive(
        &mut self,
        now: Now,
        guest: GuestIndex,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let known = self.guests.get(guest).ok_or_else(Refusal::guest_gone)?;
        let silent_for = now.mono.saturating_sub(known.last_message);
        if silent_for >= self.config.guest_ttl {
            self.forget(guest, out);
        }
        if self.guests[guest].gone { Err(Refusal::guest_gone()) } else { Ok(()) }
    }

    /// Ends a guest's life and its sockets, once.
    pub(super) fn forget(&mut self, guest: GuestIndex, out: &mut Vec<Effect>) {
        if std::mem::replace(&mut self.guests[guest].gone, true) {
            return;
        }
        let instance = self.guests[guest].instance.clone();
        out.push(Effect::Event(CloudEvent::GuestGone { guest: instance }));
        let end = End::guest_gone();
        for (&socket, _) in self.sockets.iter().filter(|&(_, &owner)| owner == guest) {
            out.push(Effect::End { socket, end: end.clone() });
        }
    }

    pub(super) fn check_oauth(&self, bearer: Option<&str>, scope: &str) -> Result<(), Refusal> {
        let bearer = bearer.ok_or_else(Refusal::oauth_missing)?;
        if bearer != self.config.oauth_token {
            return Err(Refusal::oauth_invalid());
        }
        if !self.config.oauth_scopes.iter().any(|held| held == scope) {
            return Err(Refusal::scope_missing(scope));
        }
        if !self.config.web_messaging_entitled {
            return Err(Refusal::entitlement_missing());
        }
        Ok(())
    }

    /// A subprotocol is taken for a token when it is one, or when nothing else could be: a
    /// lenient cloud leaves an unknown subprotocol alone.
    fn carried_token<'a>(&self, carriers: &'a Carriers, strict: bool) -> Option<&'a str> {
        let known = || carriers.protocols.iter().find(|offer| self.tokens.get(offer).is_some());
        let last = || carriers.protocols.last().filter(|_| strict);
        let token = carriers.bearer.as_ref().or(carriers.query.as_ref());
        token.or_else(known).or_else(last).map(String::as_str)
    }
}

/// The first offer that is not the token itself, else the token: the peer offered it, so it must
/// be ready to see it chosen.
fn chosen_protocol(carriers: &Carriers, token: Option<&str>) -> Option<String> {
    let offers = &carriers.protocols;
    offers.iter().find(|offer| Some(offer.as_str()) != token).or(offers.first()).cloned()
}
