//! What goes wrong between the browser and the cloud: one thing after another, none beyond the end.
//!
//! Refuses what a browser's tabs cannot mend: forgotten guests, and a machine that is down.

use std::time::Duration;

use crate::plan::fault::{
    Answer, Close, Door, Fault, LinkName, Moment, OnMessage, Partition, PartitionWay, Restart,
};
use crate::plan::fault_kind::FaultKind;
use crate::plan::generate::dice::Dice;
use crate::plan::generate::options::Kinds;

/// Faults of one plan.
const FAULTS_MAX: u64 = 12;

#[derive(Debug, Clone, Copy)]
enum Kind {
    Partition,
    Rst,
    Throttled,
    Unavailable,
    Restart,
    Close,
    AckLostBefore,
    AckLostAfter,
    AckDoubled,
    ExpireTokens,
}

const KINDS: [Kind; 10] = [
    Kind::Partition,
    Kind::Rst,
    Kind::Throttled,
    Kind::Unavailable,
    Kind::Restart,
    Kind::Close,
    Kind::AckLostBefore,
    Kind::AckLostAfter,
    Kind::AckDoubled,
    Kind::ExpireTokens,
];

impl Kind {
    fn is_among(self, kinds: Kinds) -> bool {
        kinds.has(match self {
            Self::Partition => FaultKind::Partition,
            Self::Rst => FaultKind::Rst,
            Self::Throttled | Self::Unavailable => FaultKind::Answer,
            Self::Restart => FaultKind::Restart,
            Self::Close => FaultKind::Close,
            Self::AckLostBefore => FaultKind::AckLostBeforeAccept,
            Self::AckLostAfter => FaultKind::AckLostAfterAccept,
            Self::AckDoubled => FaultKind::AckDoubled,
            Self::ExpireTokens => FaultKind::ExpireTokens,
        })
    }
}

/// The faults of a plan that lasts so long.
pub(super) fn draw(dice: &mut Dice, life_ms: u64, kinds: Kinds) -> Vec<Fault> {
    let mut rates: Vec<_> = KINDS.into_iter().map(|kind| (kind, dice.below(3))).collect();
    rates.retain(|(kind, _)| kind.is_among(kinds));
    let mut faults = Vec::new();
    if rates.iter().all(|(_, rate)| *rate == 0) {
        return faults;
    }
    let gap_ms = life_ms / dice.from(1, FAULTS_MAX);
    let mut at_ms = dice.below(gap_ms + 1);
    while at_ms < life_ms {
        if rates.iter().all(|(_, rate)| *rate == 0) {
            break;
        }
        let kind = dice.weighted(&rates);
        if let Kind::ExpireTokens = kind {
            // A second time might hit the token that was refreshed just now: 401 after a refresh is
            // the end, as promised.
            rates.retain(|(kind, _)| !matches!(kind, Kind::ExpireTokens));
        }
        let lasts_ms = if dice.one_in(4) { dice.from(1, 30_000) } else { dice.from(1, 6_000) };
        let (at, lasts) = (Duration::from_millis(at_ms), Duration::from_millis(lasts_ms));
        faults.push(fault(dice, kind, at, lasts));
        // No two that hold the same thing overlap.
        at_ms += lasts_ms + 1 + dice.below(gap_ms * 2);
    }
    faults
}

fn fault(dice: &mut Dice, kind: Kind, at: Duration, lasts: Duration) -> Fault {
    match kind {
        Kind::Partition => {
            let link = dice.pick(&[LinkName::ClientProxy, LinkName::ProxyCloud]);
            let way = dice.pick(&[PartitionWay::Both, PartitionWay::Up, PartitionWay::Down]);
            Fault::Partition(Partition { at, lasts: Some(lasts), link, way })
        }
        Kind::Rst => Fault::Rst(Moment { at }),
        Kind::Throttled => {
            let (on, after) = (door(dice), dice.from(1, 10));
            let (nth, count) = few(dice);
            let retry_after = Some(after.to_string());
            let count = Some(count);
            Fault::Answer(Answer { at, lasts: None, on, status: 429, retry_after, nth, count })
        }
        Kind::Unavailable => {
            let on = door(dice);
            let (nth, count) = few(dice);
            let (lasts, count) = (Some(lasts), Some(count));
            Fault::Answer(Answer { at, lasts, on, status: 503, retry_after: None, nth, count })
        }
        Kind::Restart => {
            let code = dice.pick(&[1001, 1006, 1012]);
            Fault::Restart(Restart { at, lasts, code })
        }
        Kind::Close => {
            let code = dice.pick(&[1000, 1001, 1006, 1011]);
            Fault::Close(Close { at, code })
        }
        Kind::AckLostBefore => Fault::AckLostBeforeAccept(on_message(dice, at)),
        Kind::AckLostAfter => Fault::AckLostAfterAccept(on_message(dice, at)),
        Kind::AckDoubled => Fault::AckDoubled(on_message(dice, at)),
        Kind::ExpireTokens => Fault::ExpireTokens(Moment { at }),
    }
}

fn on_message(dice: &mut Dice, at: Duration) -> OnMessage {
    let (nth, count) = few(dice);
    OnMessage { at, nth, count }
}

/// The first that is hit, and how many are.
fn few(dice: &mut Dice) -> (u64, u64) {
    (dice.few(4), dice.few(3))
}

fn door(dice: &mut Dice) -> Door {
    dice.pick(&[
        Door::Guests,
        Door::Refresh,
        Door::Socket,
        Door::Messages,
        Door::History,
        Door::Any,
    ])
}
