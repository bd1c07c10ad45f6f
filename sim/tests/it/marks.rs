//! Every mark is reached by something that is written down: a bundled scenario, or a log made by hand.

use std::collections::{BTreeMap, BTreeSet};

use holdline_sim::marks::{self, Reached};
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::world::run::{BackendKind, run};

/// What no bundled scenario reaches, each below its name with a small plan that does.
const PLANS: &str = include_str!("marks/plans.txt");
/// What the line of a name begins with.
const NAME: &str = "# ---- ";
/// What every plan has above its tables.
const HEAD: &str = "title = \"A mark\"\nstory = \"One mark.\"\n\n";

/// Each mark with the text of its plan.
fn plans() -> impl Iterator<Item = (&'static str, String)> {
    PLANS.split(NAME).skip(1).map(|part| {
        let (mark, text) = part.split_once('\n').expect("a plan follows its name");
        (mark, format!("{HEAD}{text}"))
    })
}

fn reached(plan: &Plan) -> BTreeSet<&'static str> {
    let played = run(plan, &Holdline, BackendKind::Event).expect("the network can play it");
    Reached::of(&played.events).marks().map(|mark| mark.name).collect()
}

/// The marks by the scenarios that reach them; an idle day is long and reaches nothing of its own.
fn by_scenario() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut by = BTreeMap::<_, Vec<_>>::new();
    for (name, text) in bundled::SCENARIOS.iter().filter(|(name, _)| *name != "idle-day") {
        let plan = Plan::parse(name, text).expect("a bundled scenario is a plan");
        for mark in reached(&plan) {
            by.entry(mark).or_default().push(*name);
        }
    }
    by
}

#[test]
fn every_mark_is_reached_by_a_scenario_or_by_a_plan_of_its_own() {
    let by = by_scenario();
    let mut own = BTreeSet::new();
    let mut missed = Vec::new();
    for (mark, text) in plans() {
        let plan = Plan::parse(mark, &text).unwrap_or_else(|error| panic!("{error}"));
        if !reached(&plan).contains(mark) {
            missed.push(mark);
        }
        assert!(!by.contains_key(mark), "{mark} needs no plan: {:?} reach it", by[mark]);
        own.insert(mark);
    }
    assert!(missed.is_empty(), "not reached by their own plans: {missed:?}");
    let never: Vec<_> = marks::all()
        .map(|mark| mark.name)
        .filter(|name| !by.contains_key(name) && !own.contains(name))
        .collect();
    assert!(never.is_empty(), "nothing reaches {never:?}");
}

#[test]
fn a_calm_run_reaches_next_to_nothing() {
    let calm = bundled::scenario("calm").expect("it is bundled").expect("it is a plan");
    let reached = reached(&calm);
    assert!(reached.len() < 4, "{reached:?}");
}

#[test]
fn there_are_enough_marks_and_each_has_a_name_and_a_sentence_of_its_own() {
    let names: BTreeSet<_> = marks::all().map(|mark| mark.name).collect();
    let sentences: BTreeSet<_> = marks::all().map(|mark| mark.reached_when).collect();
    assert_eq!(names.len(), marks::COUNT);
    assert_eq!(sentences.len(), marks::COUNT);
    const { assert!(marks::COUNT >= 40) };
    let plain = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    assert!(names.iter().all(|name| plain(name)), "{names:?}");
}

#[test]
fn marks_of_tabs_are_reached_by_tabs_alone() {
    let by = by_scenario();
    for (mark, scenarios) in by.iter().filter(|(mark, _)| marks::is_of_tabs(mark)) {
        assert!(scenarios.iter().all(|name| name.starts_with("tabs-")), "{mark}: {scenarios:?}");
    }
}
