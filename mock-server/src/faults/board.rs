//! Whose turn it is. The board counts occurrences per rule and picks the fault; it refuses to do
//! anything about it.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::rate_limited::Pace;
use super::{Endpoint, Fault, FaultRule};

/// Names an armed rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub(crate) u64);

/// The certainty, as a probability is counted: in millionths.
pub(crate) const CERTAIN: u32 = 1_000_000;

/// What else must be so for a rule to strike. An occurrence outside is not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// How likely an occurrence that is reached is hit, in millionths.
    pub millionths: u32,
    /// The seed of its dice.
    pub seed: u64,
    /// From when on, on the monotonic clock.
    pub from: Duration,
    /// Until when; a rule that is over is gone.
    pub until: Option<Duration>,
    /// Only what this guest (a `webchatInstanceId`) is about.
    pub guest: Option<String>,
}

impl Default for When {
    fn default() -> Self {
        Self { millionths: CERTAIN, seed: 0, from: Duration::ZERO, until: None, guest: None }
    }
}

/// One request, frame or connection that a fault may hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Guests,
    Refresh,
    Handshake,
    MessageByRest,
    MessageBySocket,
    History,
    Preflight,
    /// A message of the agent on its way to a socket.
    Agent,
    Ping,
    /// A connection that was accepted.
    Connection,
}

impl Occasion {
    /// Something that a client asks and waits for.
    pub(super) fn is_request(self) -> bool {
        self.is_http() && self != Self::Preflight || self == Self::MessageBySocket
    }

    pub(super) fn is_http(self) -> bool {
        self.has_body() || matches!(self, Self::Handshake | Self::Preflight)
    }

    /// Answered over HTTP with a body.
    pub(super) fn has_body(self) -> bool {
        matches!(self, Self::Guests | Self::Refresh | Self::MessageByRest | Self::History)
    }

    pub(super) fn is_message(self) -> bool {
        matches!(self, Self::MessageByRest | Self::MessageBySocket)
    }

    /// Ends in a frame to the client.
    pub(super) fn is_frame(self) -> bool {
        matches!(self, Self::MessageBySocket | Self::Agent)
    }

    pub(super) fn is_grant(self) -> bool {
        matches!(self, Self::Guests | Self::Refresh)
    }

    fn is_at(self, endpoint: Endpoint) -> bool {
        match endpoint {
            Endpoint::Guests => self == Self::Guests,
            Endpoint::Refresh => self == Self::Refresh,
            Endpoint::Socket => self == Self::Handshake,
            Endpoint::Messages => self.is_message(),
            Endpoint::History => self == Self::History,
            Endpoint::Agent => self == Self::Agent,
            Endpoint::Any => true,
        }
    }
}

/// A rule on the board.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) id: FaultId,
    pub(crate) rule: FaultRule,
    pub(crate) when: When,
    /// Occurrences so far, hit or not.
    pub(crate) seen: u64,
    pub(crate) struck: u64,
    dice: ChaCha8Rng,
    pace: Pace,
}

impl Armed {
    /// Counts the occurrence, and says whether it is hit.
    fn counts(&mut self, occasion: Occasion, now: Duration, guest: Option<&str>) -> bool {
        if !occasion.is_at(self.rule.endpoint) || !self.rule.fault.has_meaning_at(occasion) {
            return false;
        }
        let is_meant = self.when.guest.as_deref().is_none_or(|meant| guest == Some(meant));
        if now < self.when.from || !is_meant {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        let first = self.rule.nth.max(1);
        let is_turn = self.seen >= first && self.seen - first < self.rule.count;
        let millionths = self.when.millionths;
        is_turn
            && (millionths >= CERTAIN || self.dice.next_u32() % CERTAIN < millionths)
            && self.exceeds(now, guest)
    }

    /// Whether it is too much, where the rule asks for that.
    fn exceeds(&mut self, now: Duration, guest: Option<&str>) -> bool {
        match &self.rule.fault {
            Fault::RateLimited(limited) => !self.pace.admits(limited.rate, now, guest),
            _ => true,
        }
    }

    fn is_spent(&self, now: Duration) -> bool {
        let is_over = self.when.until.is_some_and(|until| now >= until);
        let is_used = self.seen
            >= self.rule.nth.max(1).saturating_add(self.rule.count).saturating_sub(1)
            && self.rule.count != u64::MAX;
        is_over || is_used
    }
}

/// The armed rules, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Board {
    armed: Vec<Armed>,
    last_id: u64,
}

impl Board {
    pub(crate) fn arm(&mut self, rule: FaultRule, when: When) -> FaultId {
        self.last_id += 1;
        let id = FaultId(self.last_id);
        let dice = ChaCha8Rng::seed_from_u64(when.seed);
        self.armed.push(Armed { id, rule, when, seen: 0, struck: 0, dice, pace: Pace::default() });
        id
    }

    /// Whether it was armed.
    pub(crate) fn disarm(&mut self, id: FaultId) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.id != id);
        self.armed.len() < before
    }

    pub(crate) fn disarm_all(&mut self) {
        self.armed.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    /// What is armed at `now`.
    pub(crate) fn armed(&mut self, now: Duration) -> &[Armed] {
        self.armed.retain(|armed| !armed.is_spent(now));
        &self.armed
    }

    /// Every rule counts the occurrence; where several would hit it, the oldest does.
    pub(crate) fn strike(
        &mut self,
        occasion: Occasion,
        now: Duration,
        guest: Option<&str>,
    ) -> Option<Fault> {
        self.armed.retain(|armed| armed.when.until.is_none_or(|until| now < until));
        let mut struck = None;
        for armed in &mut self.armed {
            if armed.counts(occasion, now, guest) && struck.is_none() {
                armed.struck += 1;
                struck = Some(armed.rule.fault.clone());
            }
        }
        self.armed.retain(|armed| !armed.is_spent(now));
        struck
    }
}
