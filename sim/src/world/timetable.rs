//! A plan as a list of cues in order of time: when each step is taken, when each fault begins and ends.

use std::time::Duration;

use crate::plan::Plan;

/// One entry of the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cue {
    /// The fault with this index ends; ends come before beginnings of the same moment.
    Off(usize),
    /// The fault with this index begins.
    On(usize),
    /// The step with this index is taken.
    Step(usize),
}

/// Steps and faults with their moments, in order.
#[must_use]
pub fn timetable(plan: &Plan) -> Vec<(Duration, Cue)> {
    let mut cues = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        cues.extend((0..step.count).map(|n| (step.at + step.every * n, Cue::Step(index))));
    }
    for (index, fault) in plan.faults.iter().enumerate() {
        let (at, lasts) = fault.span();
        cues.push((at, Cue::On(index)));
        cues.extend(lasts.map(|lasts| (at + lasts, Cue::Off(index))));
    }
    cues.sort();
    cues
}
