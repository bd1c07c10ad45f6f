//! The guest: who the client is, and how its token is kept good.
//!
//! The server grants both: it creates a guest, and it exchanges a token for a new one. A 401 is blamed
//! on the token it was answered to, and cured by one refresh; a second 401 in a row is the end. It
//! refuses to use a token that is known to be dead, and to move to another guest by a refresh.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;

use crate::backoff::{Backoff, BackoffConfig};
use crate::credentials::{Credentials, Issued, SavedGuest};
use crate::request_error::RequestError;
use crate::retry_after;
use crate::time::{Instant, Now, Wall};
use crate::types::Why;
use crate::waits::{Call, Waits};

/// Life time assumed for a token that names none, zero, or more than [`TOKEN_LIFE_MAX`]: 30 min.
/// No public source names the real one; too short only costs a refresh.
pub const TOKEN_LIFE_DEFAULT: Duration = Duration::from_mins(30);

/// The longest believable token life time: 7 days, well above the 72 h that a guest lives.
pub const TOKEN_LIFE_MAX: Duration = Duration::from_hours(7 * 24);

#[derive(Debug, Clone)]
struct Guest {
    credentials: Credentials,
    /// From here on the token is replaced in the background.
    refresh_at: Instant,
    /// From here on the token is not used for a handshake any more.
    stale_at: Instant,
}

#[derive(Debug, Clone, Copy)]
enum Refresh {
    Idle,
    InFlight { op: u64, deadline: Instant },
}

/// What a 401 means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blame {
    /// Nothing new: the token is an old one, or is known to be dead.
    Known,
    /// The token is dead; a refresh will cure it. Whoever comes next shall not try it once more.
    Dead(SavedGuest),
    /// It is the second in a row with a refresh in between, which no further refresh will cure.
    Incurable,
}

/// A wait until the token may be refreshed again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefreshWait {
    pub(crate) until: Instant,
    /// The part of that which the server asked for.
    pub(crate) told_until: Instant,
    pub(crate) why: Why,
}

/// The guest of one session, and its token.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    guest: Option<Guest>,
    /// The guest before this one, until the new one is there.
    gone: Option<String>,
    refresh: Refresh,
    refresh_backoff: Backoff,
    /// Why, and until when, no refresh is made.
    wait: RefreshWait,
    /// The current token has been rejected.
    must_refresh: bool,
    /// A token was rejected since anything was last accepted, and has been replaced.
    refreshed_after_401: bool,
}

impl Identity {
    pub(crate) fn new(backoff: BackoffConfig) -> Self {
        let zero = Instant::ZERO;
        Self {
            guest: None,
            gone: None,
            refresh: Refresh::Idle,
            refresh_backoff: Backoff::new(backoff),
            wait: RefreshWait { until: zero, told_until: zero, why: Why::Timeout },
            must_refresh: false,
            refreshed_after_401: false,
        }
    }

    /// Goes on with the waits of the client before it.
    pub(crate) fn inherit(&mut self, now: Now, waits: &Waits, rng: &mut ChaCha8Rng) {
        let told = waits.told_left(Call::Refresh, now.wall);
        let mut until = Instant::ZERO;
        if !told.is_zero() {
            until = now.mono + retry_after::spread(told, Duration::ZERO, rng);
        }
        self.wait = RefreshWait { until, told_until: now.mono + told, why: Why::Earlier };
    }

    /// Takes over what was remembered.
    pub(crate) fn restore(&mut self, now: Now, saved: SavedGuest, generation: u64) {
        let left = saved.expires_at.since(now.wall).min(TOKEN_LIFE_MAX);
        let credentials = Credentials { generation, instance: saved.instance, token: saved.token };
        self.guest = Some(Guest::new(credentials, left, now.mono));
    }

    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.guest.as_ref().map(|guest| &guest.credentials)
    }

    /// How to speak for the guest. Nobody uses a token that is known to be dead.
    pub(crate) fn usable(&self, now: Instant) -> Option<&Credentials> {
        let usable = |guest: &&Guest| !self.must_refresh && now < guest.stale_at;
        self.guest.as_ref().filter(usable).map(|guest| &guest.credentials)
    }

    /// Whether the current token may still be good.
    pub(crate) fn token_lives(&self, now: Instant) -> bool {
        self.usable(now).is_some()
    }

    /// Whether this is the guest's instance.
    pub(crate) fn is_of(&self, instance: &str) -> bool {
        self.credentials().is_some_and(|credentials| credentials.instance == instance)
    }

    /// Whether the token of this generation is the current one.
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        self.credentials().is_some_and(|credentials| credentials.generation == generation)
    }

    /// What the next try to connect begins with.
    pub(crate) fn next_call(&self, now: Instant) -> Call {
        match &self.guest {
            None => Call::Guests,
            Some(_) if self.token_lives(now) => Call::Socket,
            Some(_) => Call::Refresh,
        }
    }

    pub(crate) const fn needs_refresh(&self) -> bool {
        self.must_refresh
    }

    /// The next try begins with a refresh.
    pub(crate) const fn demand_refresh(&mut self) {
        self.must_refresh = true;
    }

    /// A token was accepted: the next 401 is a first one again.
    pub(crate) const fn accepted(&mut self) {
        self.refreshed_after_401 = false;
    }

    /// When the token is to be refreshed in the background.
    pub(crate) fn refresh_due(&self) -> Option<Instant> {
        if self.is_refreshing() {
            return None;
        }
        let guest = self.guest.as_ref()?;
        let wanted = if self.must_refresh { Instant::ZERO } else { guest.refresh_at };
        Some(wanted.max(self.wait.until))
    }

    /// Until when the answer to a refresh is waited for.
    pub(crate) const fn refresh_deadline(&self) -> Option<Instant> {
        match self.refresh {
            Refresh::InFlight { deadline, .. } => Some(deadline),
            Refresh::Idle => None,
        }
    }

    /// The refresh whose answer is waited for no longer.
    pub(crate) fn overdue_refresh(&self, now: Instant) -> Option<u64> {
        match self.refresh {
            Refresh::InFlight { op, deadline } if now >= deadline => Some(op),
            _ => None,
        }
    }

    pub(crate) const fn is_refreshing(&self) -> bool {
        matches!(self.refresh, Refresh::InFlight { .. })
    }

    /// From when on the token is not used for a handshake any more.
    pub(crate) fn stale_at(&self) -> Option<Instant> {
        self.guest.as_ref().map(|guest| guest.stale_at)
    }

    /// How long no refresh is made.
    pub(crate) const fn refresh_wait(&self) -> RefreshWait {
        self.wait
    }

    /// Nothing but what the server asked for keeps from the next refresh.
    pub(crate) const fn forgive(&mut self) {
        self.wait.until = self.wait.told_until;
    }

    /// Begins a refresh with the token that it replaces.
    pub(crate) fn begin_refresh(&mut self, op: u64, deadline: Instant) -> Option<Credentials> {
        let credentials = self.credentials()?.clone();
        self.refresh = Refresh::InFlight { op, deadline };
        Some(credentials)
    }

    /// Gives a refresh up, and which it was.
    pub(crate) const fn cancel_refresh(&mut self) -> Option<u64> {
        match std::mem::replace(&mut self.refresh, Refresh::Idle) {
            Refresh::InFlight { op, .. } => Some(op),
            Refresh::Idle => None,
        }
    }

    /// The answer to a refresh, if it is that of the current one. An answer that names another guest
    /// would move the conversation: that is no refresh.
    pub(crate) fn refreshed(
        &mut self,
        op: u64,
        result: Result<Issued, RequestError>,
    ) -> Option<Result<Issued, RequestError>> {
        if !matches!(self.refresh, Refresh::InFlight { op: current, .. } if current == op) {
            return None;
        }
        self.refresh = Refresh::Idle;
        let ours = |new: Issued| {
            if self.is_of(&new.instance) { Ok(new) } else { Err(RequestError::Malformed) }
        };
        let result = result.and_then(ours);
        if result.is_ok() {
            self.must_refresh = false;
            self.refresh_backoff.reset();
        }
        Some(result)
    }

    /// A refresh has failed, and the server asked for a wait of `told`.
    pub(crate) fn refresh_failed(
        &mut self,
        now: Instant,
        fault: &RequestError,
        told: Duration,
        rng: &mut ChaCha8Rng,
    ) {
        let delay = self.refresh_backoff.next_delay(rng);
        let wait = retry_after::spread(told, delay, rng);
        self.wait = RefreshWait { until: now + wait, told_until: now + told, why: fault.why() };
    }

    /// Takes over a token, new guest or not. What is to be remembered, and the life time that had to
    /// be assumed.
    pub(crate) fn adopt(
        &mut self,
        now: Now,
        issued: Issued,
        generation: u64,
    ) -> (SavedGuest, Option<Duration>) {
        let Issued { instance, token, expires_in_s } = issued;
        let usable = expires_in_s
            .map(Duration::from_secs)
            .filter(|life| !life.is_zero() && *life <= TOKEN_LIFE_MAX);
        let life = usable.unwrap_or(TOKEN_LIFE_DEFAULT);
        let assumed = usable.is_none().then_some(life);
        let credentials = Credentials { generation, instance, token };
        let saved = credentials.saved(now.wall + life);
        self.guest = Some(Guest::new(credentials, life, now.mono));
        (saved, assumed)
    }

    /// Takes a 401 for the token of this generation into account.
    pub(crate) fn blame(&mut self, wall: Wall, generation: u64) -> Blame {
        if !self.is_current(generation) || self.must_refresh {
            return Blame::Known;
        }
        self.must_refresh = !self.refreshed_after_401;
        self.refreshed_after_401 = true;
        match self.credentials().filter(|_| self.must_refresh) {
            Some(credentials) => Blame::Dead(credentials.saved(wall)),
            None => Blame::Incurable,
        }
    }

    /// The guest is gone. Whether there was one.
    pub(crate) fn lose(&mut self) -> bool {
        let Some(guest) = self.guest.take() else { return false };
        self.gone = Some(guest.credentials.instance);
        self.must_refresh = false;
        self.refreshed_after_401 = false;
        true
    }

    /// The guest that a new one takes the place of.
    pub(crate) const fn take_gone(&mut self) -> Option<String> {
        self.gone.take()
    }
}

impl Guest {
    /// Refreshed at 80 % of its life or a minute before its end, whichever is later; not used for
    /// a handshake in its last 5 s (or tenth, for short lives).
    fn new(credentials: Credentials, life: Duration, now: Instant) -> Self {
        let refresh_after = (life / 5 * 4).max(life.saturating_sub(Duration::from_mins(1)));
        let margin = (life / 10).min(Duration::from_secs(5));
        Self {
            credentials,
            refresh_at: now + refresh_after,
            stale_at: now + life.saturating_sub(margin),
        }
    }
}
