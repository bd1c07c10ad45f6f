//! What goes wrong around one client: which kinds come at all, when each fault begins and how long it
//! lasts.
//!
//! Faults overlap where a plan's check lets them. Half of them begin where something is done, because
//! that is where it hurts.

use super::dice::Dice;
use super::faults;
use super::options::Kinds;
use crate::plan::fault_kind::FaultKind;
use crate::plan::{Fault, overlap};

/// Faults of one plan.
const FAULTS_MAX: u64 = 8;
/// So long after something was done it is still on its way.
const ON_ITS_WAY_MS: u64 = 400;
/// A rate is a power of two below this one.
const RATES: u64 = 4;

/// What the faults are drawn for.
pub(super) struct Scene<'a> {
    /// The script without its faults is over by then.
    pub(super) life_ms: u64,
    /// When something is done.
    pub(super) moments_ms: &'a [u64],
    /// Every fault must have an end before the script has.
    pub(super) all_end: bool,
}

/// Which kinds may come in one plan, and how often.
pub(super) struct Rates(Vec<(FaultKind, u64)>);

impl Rates {
    /// Each kind is switched on or off, and has a rate of its own if it is on.
    pub(super) fn draw(dice: &mut Dice, kinds: Kinds) -> Self {
        // Few kinds on leave room for long stories about each; many on, for strange encounters.
        let on = dice.from(1, 4);
        let rate = |kind: &FaultKind| {
            let rate = 1 << dice.below(RATES);
            let drawn = dice.below(6) < on;
            (drawn && kinds.has(*kind)).then_some((*kind, rate))
        };
        Self(FaultKind::ALL.iter().filter_map(rate).collect())
    }

    /// Whether any of these may come.
    pub(super) fn has(&self, kind: FaultKind) -> bool {
        self.0.iter().any(|(on, _)| *on == kind)
    }
}

/// The faults of a plan, in no order.
pub(super) fn draw(dice: &mut Dice, rates: &Rates, scene: &Scene<'_>) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    if rates.0.is_empty() {
        return faults;
    }
    for _ in 0..dice.few(FAULTS_MAX) {
        let kind = dice.weighted(&rates.0);
        let at_ms = if dice.one_in(2) {
            dice.pick(scene.moments_ms) + dice.below(ON_ITS_WAY_MS)
        } else {
            dice.below(scene.life_ms)
        };
        let lasts_ms = match dice.below(8) {
            0 if !scene.all_end => None,
            0 | 1 => Some(dice.from(1, 60_000)),
            2 => Some(dice.from(1, 300)),
            _ => Some(dice.from(1, 8_000)),
        };
        let fault = faults::draw(dice, kind, at_ms, lasts_ms);
        // What cannot be carried out beside the others is left out.
        let clashes = |other: &Fault| overlap::clash(other, &fault).is_some();
        if !faults.iter().any(clashes) {
            faults.push(fault);
        }
    }
    faults
}
