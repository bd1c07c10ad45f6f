//! Steps, faults and tabs that are dropped: large pieces first, then each by itself (ddmin).
//!
//! What cannot be without what was dropped goes with it: the plan's own check says what that is. So
//! a tab that is never opened has no steps, and a tab that is never frozen is never resumed.

use std::time::Duration;

use super::attempt::Attempts;
use crate::plan::{Do, Plan};
use crate::world::run::Run;

/// One thing that can be dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Step(usize),
    Fault(usize),
}

/// Drops at once what begins after the violation shows.
pub(super) fn cut_after(attempts: &mut Attempts<'_>, run: &Run) {
    let Some(violation) = run.violations.first() else { return };
    let mut plan = attempts.best.clone();
    plan.steps.retain(|step| step.at <= violation.at);
    plan.faults.retain(|fault| fault.span().0 <= violation.at);
    attempts.take(plan);
}

/// Drops whatever can be.
pub(super) fn drop_all(attempts: &mut Attempts<'_>) {
    drop_tabs(attempts);
    let mut size = parts_of(&attempts.best).len().div_ceil(2);
    while size > 0 && !attempts.stopped {
        let dropped = drop_pieces(attempts, size);
        size = match size {
            1 if !dropped => 0,
            1 => 1,
            size => size / 2,
        };
    }
    drop_tabs(attempts);
}

/// Whether no part and no tab can be dropped. What can be was overlooked, and is dropped.
pub(super) fn is_minimal(attempts: &mut Attempts<'_>) -> bool {
    loop {
        let dropped = drop_pieces(attempts, 1) | drop_tabs(attempts);
        if attempts.stopped || !dropped {
            return !attempts.stopped;
        }
    }
}

/// Drops every piece of that size that can be; whether there was one.
fn drop_pieces(attempts: &mut Attempts<'_>, size: usize) -> bool {
    let (mut at, mut any) = (0, false);
    loop {
        let parts = parts_of(&attempts.best);
        if at >= parts.len() || attempts.stopped {
            return any;
        }
        let piece = &parts[at..parts.len().min(at + size)];
        if attempts.take(without(&attempts.best, piece)) {
            any = true;
        } else {
            at += size;
        }
    }
}

/// In order of time, so that a piece is a stretch of it.
fn parts_of(plan: &Plan) -> Vec<Part> {
    let steps = plan.steps.iter().enumerate().map(|(n, step)| (step.at, Part::Step(n)));
    let faults = plan.faults.iter().enumerate().map(|(n, fault)| (fault.span().0, Part::Fault(n)));
    let mut parts: Vec<(Duration, Part)> = steps.chain(faults).collect();
    parts.sort_unstable();
    parts.into_iter().map(|(_, part)| part).collect()
}

fn without(plan: &Plan, dropped: &[Part]) -> Plan {
    let keeps = |part: Part| !dropped.contains(&part);
    let steps = (0..).zip(&plan.steps).filter(|(n, _)| keeps(Part::Step(*n)));
    let faults = (0..).zip(&plan.faults).filter(|(n, _)| keeps(Part::Fault(*n)));
    Plan {
        steps: steps.map(|(_, step)| step.clone()).collect(),
        faults: faults.map(|(_, fault)| fault.clone()).collect(),
        ..plan.clone()
    }
}

/// Drops every tab that can be, or the whole browser; whether there was one.
fn drop_tabs(attempts: &mut Attempts<'_>) -> bool {
    let Some(browser) = &attempts.best.browser else { return false };
    let opened = attempts.best.steps.iter().filter_map(|step| step.tab);
    let last = opened.chain(browser.tabs.checked_sub(1)).max();
    let mut any = attempts.take(without_browser(&attempts.best));
    for tab in last.map_or(0..0, |last| 0..last + 1).rev() {
        any |= attempts.best.browser.is_some() && attempts.take(without_tab(&attempts.best, tab));
    }
    any
}

/// The tabs after it move up.
fn without_tab(plan: &Plan, dropped: u8) -> Plan {
    let mut plan = plan.clone();
    plan.steps.retain(|step| step.tab != Some(dropped));
    for tab in plan.steps.iter_mut().filter_map(|step| step.tab.as_mut()) {
        *tab -= u8::from(*tab > dropped);
    }
    if let Some(browser) = plan.browser.as_mut() {
        browser.tabs -= u8::from(dropped < browser.tabs);
    }
    plan
}

/// One client, which does what the user did in whichever tab.
fn without_browser(plan: &Plan) -> Plan {
    let mut plan = Plan { browser: None, ..plan.clone() };
    plan.steps.retain(|step| matches!(step.what, Do::Send | Do::Agent | Do::Reconnect));
    plan.steps.iter_mut().for_each(|step| step.tab = None);
    plan
}
