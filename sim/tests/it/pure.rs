//! The pure tier against the full one: the same plans, the same oracles, the same ends.

use std::collections::BTreeSet;
use std::time::Duration;

use holdline_client::Config;
use holdline_net::Program;
use holdline_sim::marks::Reached;
use holdline_sim::plan::generate::{Cast, Options, generate};
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::subjects::published::Published;
use holdline_sim::subjects::{PageProgram, Setting, Subject};
use holdline_sim::trace::{Endpoint, Event, Kind, Lane, Message};
use holdline_sim::world::run::{BackendKind, Run, run};

/// Of so many seeds in 300 the outcome hangs on who is first: the agent or the guest, an answer or the
/// end of a message's life. Jitter is drawn for packets on one tier and for messages on the other.
const RACES_MAX: usize = 6;
/// And of so many in 60 lives of tabs: a page that ends takes with it what it had not stored.
const TAB_RACES_MAX: usize = 3;

/// Our client with other numbers.
struct Tweaked(fn(&mut Config));

impl Subject for Tweaked {
    fn name(&self) -> &'static str {
        "tweaked"
    }

    fn program(&self, setting: Setting) -> Program {
        Holdline.program(setting)
    }

    fn page(&self) -> PageProgram {
        Holdline.page()
    }

    fn machines(&self, setting: &Setting) -> Option<Config> {
        let mut config = Holdline.machines(setting)?;
        (self.0)(&mut config);
        Some(config)
    }
}

fn plan(seed: u64) -> Plan {
    generate(seed, &Options::default())
}

/// Up to five tabs.
fn plan_of_tabs(seed: u64) -> Plan {
    generate(seed, &Options { cast: Cast::Tabs { least: 1, most: 5 }, ..Options::default() })
}

fn pure(plan: &Plan, subject: &dyn Subject) -> Run {
    run(plan, subject, BackendKind::Pure).expect("it is made of our machines")
}

/// Which messages ended, and how; which were shown.
fn ends(run: &Run) -> BTreeSet<(&'static str, Message)> {
    let end = |event: &Event| match &event.kind {
        Kind::Delivered { message } => Some(("delivered", *message)),
        Kind::Failed { message, .. } => Some(("failed", *message)),
        Kind::Shown { message } => Some(("shown", *message)),
        _ => None,
    };
    run.events.iter().filter_map(end).collect()
}

#[test]
fn both_tiers_come_to_the_same_ends() {
    let mut differ = Vec::new();
    for seed in 0..300 {
        let plan = plan(seed);
        let full = run(&plan, &Holdline, BackendKind::Event).expect("the network can play it");
        let pure = pure(&plan, &Holdline);
        assert!(full.violations.is_empty(), "seed {seed}: {:?}", full.violations);
        assert!(pure.violations.is_empty(), "seed {seed}: {:?}", pure.violations);
        let ended = |run: &Run| -> BTreeSet<Message> {
            let ends = ends(run).into_iter().filter(|(how, _)| *how != "shown");
            ends.map(|(_, message)| message).collect()
        };
        assert_eq!(ended(&full), ended(&pure), "seed {seed}");
        if ends(&full) != ends(&pure) {
            differ.push(seed);
        }
    }
    assert!(differ.len() <= RACES_MAX, "{differ:?}");
}

#[test]
fn both_tiers_come_to_the_same_ends_in_tabs() {
    let mut differ = Vec::new();
    for seed in 0..60 {
        let plan = plan_of_tabs(seed);
        let full = run(&plan, &Holdline, BackendKind::Event).expect("the network can play it");
        let pure = pure(&plan, &Holdline);
        assert!(full.violations.is_empty(), "seed {seed}: {:?}", full.violations);
        assert!(pure.violations.is_empty(), "seed {seed}: {:?}", pure.violations);
        if ends(&full) != ends(&pure) {
            differ.push(seed);
        }
    }
    assert!(differ.len() <= TAB_RACES_MAX, "{differ:?}");
}

#[test]
fn every_bundled_scenario_passes_there_too() {
    for (name, text) in bundled::SCENARIOS {
        let plan = Plan::parse(name, text).expect("it is bundled");
        assert_eq!(pure(&plan, &Holdline).violations, [], "{name}");
    }
}

#[test]
fn the_same_tabs_give_the_same_hash() {
    for seed in 0..30 {
        let plan = plan_of_tabs(seed);
        assert_eq!(pure(&plan, &Holdline).hash, pure(&plan, &Holdline).hash, "seed {seed}");
    }
}

#[test]
fn the_same_plan_gives_the_same_hash() {
    for seed in 0..100 {
        let plan = plan(seed);
        assert_eq!(pure(&plan, &Holdline).hash, pure(&plan, &Holdline).hash, "seed {seed}");
    }
}

/// The oracles that accuse a client somewhere in so many seeds.
fn accusers(tweak: fn(&mut Config)) -> BTreeSet<&'static str> {
    let violations = |seed| pure(&plan(seed), &Tweaked(tweak)).violations;
    (0..200).flat_map(violations).map(|violation| violation.oracle).collect()
}

fn assert_accused(oracle: &str, tweak: fn(&mut Config)) {
    let found = accusers(tweak);
    assert!(found.contains(oracle), "{oracle} is silent; these are not: {found:?}");
}

#[test]
fn a_client_that_hammers_is_accused_of_it() {
    assert_accused("backoff", |config| {
        config.session.backoff.cap = Duration::from_millis(1);
        config.session.backoff.base = Duration::from_millis(1);
        config.session.backoff.floor = Duration::from_millis(1);
    });
}

#[test]
fn a_client_that_never_probes_is_accused_of_it() {
    assert_accused("dead-peer", |config| {
        config.session.health.probe_after = Duration::from_secs(300);
        config.session.health.answer_within = Duration::from_secs(300);
    });
}

#[test]
fn a_client_that_keeps_messages_too_long_is_accused_of_it() {
    assert_accused("bounded", |config| config.outbox.ttl = Duration::from_secs(3_600));
}

#[test]
fn a_client_that_gives_up_is_accused_of_it() {
    assert_accused("comes-back", |config| config.session.max_attempts = Some(1));
}

#[test]
fn the_plans_reach_the_marks() {
    let reached = (0..1_000)
        .map(|seed| Reached::of(&pure(&plan(seed), &Holdline).events))
        .flat_map(|reached| reached.marks().map(|mark| mark.name).collect::<Vec<_>>());
    let reached: BTreeSet<_> = reached.collect();
    assert!(reached.len() > 55, "only {reached:?}");
}

#[test]
fn what_it_cannot_carry_is_refused_by_name() {
    let refused = run(&plan(1), &Published::default(), BackendKind::Pure).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the pure backend cannot carry `published`: it is not made of the machines of holdline; \
         the event backend can, which is the one without --pure and --backend"
    );
}

/// The client lets go of the connection as soon as it has read how it is refused, byte by byte.
const REFUSED: &str = "\
title = \"Refused by its head\"
story = \"A socket is closed, and the next handshake is refused in a trickle of bytes.\"

[[fault]]
kind = \"slice\"
at = \"1s\"
bytes = 1

[[fault]]
kind = \"close\"
at = \"2s\"
code = 1013

[[fault]]
kind = \"answer\"
at = \"3s\"
for = \"1s\"
on = \"socket\"
status = 503
retry-after = \"60\"
";

#[test]
fn a_handshake_is_refused_by_a_head_whose_body_nobody_reads() {
    let plan = Plan::parse("refused.toml", REFUSED).expect("it is a plan");
    let is_told = |event: &Event| {
        let Kind::Answer { endpoint: Endpoint::Socket, status: 503, .. } = event.kind else {
            return false;
        };
        event.lane == Lane::Client
    };
    for backend in [BackendKind::Event, BackendKind::Pure] {
        let run = run(&plan, &Holdline, backend).expect("both can play it");
        assert!(run.events.iter().any(is_told), "{backend:?}");
        assert!(run.violations.is_empty(), "{backend:?}: {:?}", run.violations);
    }
}
