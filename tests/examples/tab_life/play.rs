//! Plays seed after seed, each simulation wholly on one thread.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;

use holdline_sim::oracle::Violation;
use holdline_sim::plan::{Plan, tab_life};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::Event;
use holdline_sim::world::run::{BackendKind, run};

/// A seed that did not pass.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) plan: String,
    pub(crate) why: Why,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Why {
    /// In order of time; at least one.
    Violated(Vec<Violation>, Vec<Event>),
    Crashed(String),
}

/// The seeds that are still to be played, for all threads.
pub(crate) struct Turns {
    seeds: Range<u64>,
    next: AtomicU64,
    stopped: AtomicBool,
}

impl Turns {
    pub(crate) fn of(seeds: &super::Seeds) -> Self {
        let seeds = seeds.0.clone();
        Self { next: AtomicU64::new(seeds.start), seeds, stopped: AtomicBool::new(false) }
    }

    /// Nobody begins another one.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// How many were begun.
    pub(crate) fn played(&self) -> u64 {
        self.next.load(Ordering::Relaxed).min(self.seeds.end) - self.seeds.start
    }

    /// Plays until none is left, telling each verdict.
    pub(crate) fn play(&self, verdicts: &Sender<Result<(), Failure>>) {
        while !self.stopped.load(Ordering::Relaxed) {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.seeds.end || verdicts.send(play(seed)).is_err() {
                return;
            }
        }
    }
}

fn play(seed: u64) -> Result<(), Failure> {
    let text = tab_life::plan(seed);
    let failed = |why| Failure { seed, plan: text.clone(), why };
    let plan = Plan::parse("generated", &text).map_err(|e| failed(Why::Crashed(e.to_string())))?;
    match run(&plan, &Holdline, BackendKind::Event) {
        Ok(run) if run.violations.is_empty() => Ok(()),
        Ok(run) => Err(failed(Why::Violated(run.violations, run.events))),
        Err(error) => Err(failed(Why::Crashed(error.to_string()))),
    }
}
