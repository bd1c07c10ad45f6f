//! Whose turn it is. The board counts occurrences per rule and picks the fault; it refuses to do
//! anything about it.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::kinds::Pace;
use super::rule::{ALL, CERTAIN};
use super::{Fault, FaultRule, Occasion};

/// Names an armed rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(pub(crate) u64);

/// A rule on the board.
#[derive(Debug, Clone)]
pub(crate) struct Armed {
    pub(crate) id: FaultId,
    rule: FaultRule,
    /// From when on, on the monotonic clock.
    from: Duration,
    /// Until when; a rule that is over is gone.
    until: Option<Duration>,
    /// Occurrences so far, hit or not.
    seen: u64,
    struck: u64,
    dice: ChaCha8Rng,
    pace: Pace,
}

impl Armed {
    fn new(id: FaultId, rule: FaultRule, now: Duration) -> Self {
        let from = now.saturating_add(rule.from);
        let until = rule.lasts.map(|lasts| from.saturating_add(lasts));
        let dice = ChaCha8Rng::seed_from_u64(rule.seed);
        Self { id, rule, from, until, seen: 0, struck: 0, dice, pace: Pace::default() }
    }

    /// Counts the occurrence, and says whether it is hit.
    fn counts(&mut self, occasion: Occasion, now: Duration, guest: Option<&str>) -> bool {
        if !occasion.is_at(self.rule.endpoint)
            || !self.rule.fault.info().occasions.contains(&occasion)
        {
            return false;
        }
        let is_meant = self.rule.guest.as_deref().is_none_or(|meant| guest == Some(meant));
        if now < self.from || !is_meant {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        let first = self.rule.nth.max(1);
        let is_turn = self.seen >= first && self.seen - first < self.rule.count;
        let millionths = self.rule.millionths;
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
        let is_over = self.until.is_some_and(|until| now >= until);
        let is_used = self.seen
            >= self.rule.nth.max(1).saturating_add(self.rule.count).saturating_sub(1)
            && self.rule.count != ALL;
        is_over || is_used
    }

    /// The rule as it is at `now`.
    pub(crate) fn to_json(&self, now: Duration) -> Value {
        let mut shown = self.rule.write();
        shown.remove("from");
        shown.remove("for");
        let mut shown = Value::Object(shown);
        shown["id"] = self.id.0.into();
        shown["name"] = self.rule.fault.to_string().into();
        shown["endpoint"] = json!(self.rule.endpoint);
        shown["nth"] = self.rule.nth.into();
        if self.rule.count != ALL {
            shown["count"] = self.rule.count.into();
        }
        let left = |until: Duration| until.saturating_sub(now).as_millis() as u64;
        if now < self.from {
            shown["beginsInMs"] = left(self.from).into();
        }
        if let Some(until) = self.until {
            shown["endsInMs"] = left(until).into();
        }
        shown["seen"] = self.seen.into();
        shown["struck"] = self.struck.into();
        shown
    }
}

/// The armed rules, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Board {
    armed: Vec<Armed>,
    last_id: u64,
}

impl Board {
    pub(crate) fn arm(&mut self, rule: FaultRule, now: Duration) -> FaultId {
        self.last_id += 1;
        let id = FaultId(self.last_id);
        self.armed.push(Armed::new(id, rule, now));
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
        self.armed.retain(|armed| armed.until.is_none_or(|until| now < until));
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
