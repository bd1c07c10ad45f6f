//! The generator of random tab life: what it makes is a plan, always the same one, and all of life.

use std::collections::BTreeSet;

use holdline_sim::plan::{Fault, Plan, tab_life};

const SEEDS: u64 = 2_000;

/// Everything that a tab's life, a browser and a network can bring.
const STEPS: [&str; 19] = [
    "agent",
    "blur",
    "cache",
    "close",
    "crash",
    "fill-disk",
    "focus",
    "free-disk",
    "freeze",
    "hide",
    "kill-worker",
    "kill-worker-mid-write",
    "open",
    "reconnect",
    "reload",
    "restore",
    "resume",
    "send",
    "show",
];

#[test]
fn every_seed_makes_a_plan_and_together_they_bring_everything() {
    let mut steps = BTreeSet::new();
    let (mut tabs, mut faults, mut calm) = (BTreeSet::new(), BTreeSet::new(), 0);
    for seed in 0..SEEDS {
        let text = tab_life::plan(seed);
        let plan = match Plan::parse(&format!("seed {seed}"), &text) {
            Ok(plan) => plan,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(plan.seed, seed);
        steps.extend(plan.steps.iter().map(|step| step.what.to_string()));
        tabs.extend(plan.steps.iter().filter_map(|step| step.tab));
        faults.extend(plan.faults.iter().map(kind));
        calm += u32::from(plan.faults.is_empty());
    }
    assert_eq!(steps.iter().map(String::as_str).collect::<Vec<_>>(), STEPS);
    assert_eq!(tabs.len(), 16);
    assert_eq!(faults.len(), 9, "{faults:?}");
    assert!(calm > SEEDS as u32 / 4, "a calm network shows what tabs do to each other");
}

#[test]
fn the_same_seed_makes_the_same_text_and_another_seed_another() {
    for seed in 0..100 {
        assert_eq!(tab_life::plan(seed), tab_life::plan(seed));
        assert_ne!(tab_life::plan(seed), tab_life::plan(seed + 1));
    }
}

/// The first word of what a fault is.
fn kind(fault: &Fault) -> String {
    let debug = format!("{fault:?}");
    debug.split('(').next().unwrap_or_default().to_owned()
}
