//! Creating, refreshing and forgetting guests.

use super::bucket::TokenBucket;
use super::effect::Effect;
use super::refusal::Refusal;
use super::reply::Subject;
use super::roll::{Guest, GuestIndex};
use super::time::Now;
use super::tokens::Token;
use super::wire::{self, Grant};
use super::{CloudEvent, Core};
use crate::faults::Reply;
use crate::faults::{Distortion, Occasion};

const CREATE_SCOPE: &str = "webchat:guest:write";
const REFRESH_SCOPE: &str = "webmessaging:guest:write";

impl Core {
    /// `POST /api/v2/webchat/guests` (article 000): a new guest with its conversation and token.
    pub fn create_guest(
        &mut self,
        now: Now,
        oauth: Option<&str>,
        body: &[u8],
        out: &mut Vec<Effect>,
    ) -> Reply<Grant> {
        let reply = self.bent(now, Occasion::Guests, Subject::Nobody, out, |core, out| {
            core.check_oauth(oauth, CREATE_SCOPE)?;
            wire::check_guest_profile(body)?;
            core.make_room(out)?;
            let instance = core.draw_uuid();
            let config = &core.config;
            let bucket = TokenBucket::new(config.messages_per_second, config.burst, now.mono);
            let guest = core.guests.enrol(Guest::new(instance.clone(), now.mono, bucket));
            out.push(Effect::Event(CloudEvent::GuestCreated { guest: instance }));
            Ok(core.grant(now, guest))
        });
        self.spoiled(now, reply)
    }

    /// `POST /api/v2/conversations/messaging/guests` (article 004): a new token for a guest whose
    /// conversation and instance stay. The guest is named by its token (an expired one too), or
    /// by an OAuth bearer with `{"webchatInstanceId"}`, or it is the newest one.
    pub fn refresh(
        &mut self,
        now: Now,
        bearer: Option<&str>,
        body: &[u8],
        out: &mut Vec<Effect>,
    ) -> Reply<Grant> {
        let subject = bearer.and_then(|token| self.tokens.get(token));
        let subject = subject.map_or(Subject::Nobody, |token| Subject::Guest(token.guest));
        let reply = self.bent(now, Occasion::Refresh, subject, out, |core, out| {
            let guest = core.guest_to_refresh(bearer, body)?;
            core.check_alive(now, guest, out)?;
            let instance = core.guests[guest].instance.clone();
            out.push(Effect::Event(CloudEvent::TokenRefreshed { guest: instance }));
            Ok(core.grant(now, guest))
        });
        self.spoiled(now, reply)
    }

    /// Does to a grant what a fault asks for.
    fn spoiled(&mut self, now: Now, mut reply: Reply<Grant>) -> Reply<Grant> {
        if let Reply::Send { answer: Ok(grant), delivery } = &mut reply {
            match delivery.distortion {
                Distortion::TokenLives(span) => {
                    self.tokens.expire(&grant.token, now.mono.saturating_add(span));
                }
                Distortion::TokenRevoked => self.tokens.revoke(&grant.token),
                Distortion::ExpiresIn(seconds) => grant.expires_in = seconds,
                _ => {}
            }
        }
        reply
    }

    /// Every token that exists is expired from now on.
    pub fn expire_tokens(&mut self, now: Now) {
        self.tokens.expire_all(now.mono);
    }

    /// Every guest is gone from now on.
    pub fn forget_guests(&mut self, out: &mut Vec<Effect>) {
        let all: Vec<GuestIndex> = self.guests.iter().map(|(index, _)| index).collect();
        for guest in all {
            self.forget(guest, out);
        }
    }

    /// The oldest guest without a socket makes room for a new one.
    fn make_room(&mut self, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let max = self.config.max_guests;
        let forgotten = self.guests.make_room(max).ok_or_else(|| Refusal::guests_exhausted(max))?;
        for (index, guest) in forgotten {
            self.tokens.forget(index);
            if !guest.gone {
                out.push(Effect::Event(CloudEvent::GuestGone { guest: guest.instance }));
            }
        }
        Ok(())
    }

    fn guest_to_refresh(&self, bearer: Option<&str>, body: &[u8]) -> Result<GuestIndex, Refusal> {
        let bearer = bearer.ok_or_else(Refusal::token_missing)?;
        if let Some(token) = self.tokens.get(bearer) {
            return Ok(token.guest);
        }
        if bearer != self.config.oauth_token {
            return Err(Refusal::token_unknown());
        }
        self.check_oauth(Some(bearer), REFRESH_SCOPE)?;
        match wire::instance_to_refresh(body)? {
            Some(instance) => {
                self.guests.find(&instance).ok_or_else(|| Refusal::instance_unknown(&instance))
            }
            None => self.newest_guest().ok_or_else(Refusal::guest_none),
        }
    }

    /// The newest living guest; when none lives, the newest that did.
    pub(super) fn newest_guest(&self) -> Option<GuestIndex> {
        let living = self.guests.iter().rfind(|(_, guest)| !guest.gone);
        living.or_else(|| self.guests.iter().next_back()).map(|(index, _)| index)
    }

    fn grant(&mut self, now: Now, guest: GuestIndex) -> Grant {
        let text = self.draw_uuid();
        let ttl = self.config.token_ttl;
        let token = Token { guest, expires_at: now.mono.saturating_add(ttl) };
        let older_end_at = now.mono.saturating_add(self.config.superseded_token_grace);
        self.tokens.issue(text.clone(), token, older_end_at);
        Grant {
            webchat_instance_id: self.guests[guest].instance.clone(),
            token: text,
            expires_in: ttl.as_secs(),
        }
    }
}
