//! Whose turn it is. The board counts occurrences per rule and picks the fault; it refuses to do
//! anything about it.

use super::{Endpoint, Fault, FaultRule};

/// Names an armed rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FaultId(u64);

/// One request or frame that a fault may hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Guests,
    Refresh,
    Handshake,
    MessageByRest,
    MessageBySocket,
    History,
    Preflight,
}

impl Occasion {
    fn is_at(self, endpoint: Endpoint) -> bool {
        match endpoint {
            Endpoint::Guests => self == Self::Guests,
            Endpoint::Refresh => self == Self::Refresh,
            Endpoint::Socket => self == Self::Handshake,
            Endpoint::Messages => matches!(self, Self::MessageByRest | Self::MessageBySocket),
            Endpoint::History => self == Self::History,
            Endpoint::Preflight => self == Self::Preflight,
            Endpoint::Any => self != Self::Preflight,
        }
    }
}

#[derive(Debug)]
struct Armed {
    id: FaultId,
    rule: FaultRule,
    seen: u64,
}

impl Armed {
    /// Counts the occurrence, and says whether it is hit.
    fn counts(&mut self, occasion: Occasion) -> bool {
        if !occasion.is_at(self.rule.endpoint) || !self.rule.fault.has_meaning_at(occasion) {
            return false;
        }
        self.seen = self.seen.saturating_add(1);
        let first = self.rule.nth.max(1);
        self.seen >= first && self.seen - first < self.rule.count
    }

    fn is_spent(&self) -> bool {
        self.seen >= self.rule.nth.max(1).saturating_add(self.rule.count).saturating_sub(1)
            && self.rule.count != u64::MAX
    }
}

/// The armed rules, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Board {
    armed: Vec<Armed>,
    last_id: u64,
}

impl Board {
    pub(crate) fn arm(&mut self, rule: FaultRule) -> FaultId {
        self.last_id += 1;
        let id = FaultId(self.last_id);
        self.armed.push(Armed { id, rule, seen: 0 });
        id
    }

    pub(crate) fn disarm(&mut self, id: FaultId) {
        self.armed.retain(|armed| armed.id != id);
    }

    pub(crate) fn disarm_all(&mut self) {
        self.armed.clear();
    }

    /// Every rule counts the occurrence; where several would hit it, the oldest does.
    pub(crate) fn strike(&mut self, occasion: Occasion) -> Option<Fault> {
        let mut struck = None;
        for armed in &mut self.armed {
            if armed.counts(occasion) && struck.is_none() {
                struck = Some(armed.rule.fault.clone());
            }
        }
        self.armed.retain(|armed| !armed.is_spent());
        struck
    }
}
