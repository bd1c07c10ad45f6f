//! Times that come closer and become round. Moments keep their order; what happens at once stays
//! at once.

use std::time::Duration;

use super::attempt::Attempts;
use crate::plan::{Fault, Plan};

/// Preferred where a time can be shorter, the shortest first.
const SHORT: [Duration; 10] = [
    Duration::from_millis(100),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(1),
    Duration::from_mins(2),
    Duration::from_mins(5),
    Duration::from_mins(10),
];
/// What a time can be a multiple of, the roundest first.
const GRAINS_MS: [u128; 4] = [1_000, 100, 10, 1];

/// Brings every two neighbouring moments as close together, and as roundly, as the failure allows.
pub(super) fn simplify(attempts: &mut Attempts<'_>) {
    let mut at = 0;
    while let Some((before, moment)) = neighbours(&attempts.best, at) {
        let gap = moment.saturating_sub(before);
        let moved = |gap| moved(&attempts.best, moment, before + gap);
        let candidates: Vec<Plan> = simpler(gap).into_iter().map(moved).collect();
        for candidate in candidates {
            if attempts.take(candidate) {
                break;
            }
        }
        if attempts.stopped {
            return;
        }
        at += 1;
    }
}

/// The moment of that number, and the one before it.
fn neighbours(plan: &Plan, number: usize) -> Option<(Duration, Duration)> {
    let steps = plan.steps.iter().map(|step| step.at);
    let mut moments: Vec<Duration> =
        steps.chain(plan.faults.iter().map(|fault| fault.span().0)).collect();
    moments.push(Duration::ZERO);
    moments.sort_unstable();
    moments.dedup();
    moments.windows(2).nth(number).map(|two| (two[0], two[1]))
}

/// Everything from one moment on happens as much earlier or later as `from` is from `to`.
fn moved(plan: &Plan, from: Duration, to: Duration) -> Plan {
    let mut plan = plan.clone();
    let steps = plan.steps.iter_mut().map(|step| &mut step.at);
    let faults = plan.faults.iter_mut().map(Fault::at_mut);
    for at in steps.chain(faults).filter(|at| **at >= from) {
        *at = to + at.saturating_sub(from);
    }
    plan
}

/// Times that are shorter or rounder, the best first.
pub(super) fn simpler(time: Duration) -> Vec<Duration> {
    let round = |grain: u128| {
        let millis = time.as_millis();
        let below = millis - millis % grain;
        [below, below + grain].map(|millis| Duration::from_millis(millis as u64))
    };
    let mut times: Vec<Duration> = SHORT.into_iter().filter(|short| *short < time).collect();
    times.extend(GRAINS_MS.into_iter().flat_map(round));
    times.retain(|one| !one.is_zero() && weight(*one) < weight(time));
    times.sort_by_key(|one| weight(*one));
    times.dedup();
    times
}

/// How much there is to read: first how fine it is, then how long.
fn weight(time: Duration) -> (usize, Duration) {
    let grain = GRAINS_MS.iter().position(|grain| time.as_millis().is_multiple_of(*grain));
    (grain.unwrap_or(GRAINS_MS.len()), time)
}
