//! The generator: every seed makes a plan that can be carried out, always the same one, and together
//! they bring everything.

use std::collections::BTreeSet;

use holdline_sim::plan::generate::{Cast, GENERATOR_VERSION, Kinds, Options, generate};
use holdline_sim::plan::{Fault, FaultKind, Plan, TABS_MAX};

const SEEDS: u64 = 4_000;
const TABS: Cast = Cast::Tabs { least: 1, most: TABS_MAX };

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

fn options(cast: Cast) -> Options {
    Options { cast, ..Options::default() }
}

/// What is written down passes every check and is the same plan again.
#[track_caller]
fn assert_possible(plan: &Plan) {
    match Plan::parse(&plan.title, &plan.to_toml()) {
        Ok(read) => assert_eq!(&read, plan),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_seed_of_one_client_makes_a_plan_and_together_they_bring_everything() {
    let (mut kinds, mut steps) = (BTreeSet::new(), BTreeSet::new());
    let (mut calm, mut overlapping) = (0, 0);
    for seed in 0..SEEDS {
        let plan = generate(seed, &options(Cast::Single));
        assert_possible(&plan);
        assert_eq!(plan.seed, seed);
        assert!(plan.browser.is_none());
        kinds.extend(plan.faults.iter().map(Fault::kind));
        steps.extend(plan.steps.iter().map(|step| step.what.to_string()));
        calm += u64::from(plan.faults.is_empty());
        overlapping += u64::from(overlaps(&plan));
    }
    let all: BTreeSet<_> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(kinds, all);
    assert_eq!(steps, ["agent", "reconnect", "send"].map(str::to_owned).into());
    assert!(calm < SEEDS / 10, "{calm} plans of {SEEDS} without a fault find nothing");
    assert!(overlapping > SEEDS / 10, "only {overlapping} plans of {SEEDS} have faults that meet");
}

fn overlaps(plan: &Plan) -> bool {
    let spans = |fault: &Fault| (fault.span().0, fault.end());
    plan.faults.iter().enumerate().any(|(index, fault)| {
        let (from, to) = spans(fault);
        let mut others = plan.faults[..index].iter().map(spans);
        others.any(|(begin, end)| begin < to && from < end)
    })
}

#[test]
fn every_seed_of_tabs_makes_a_plan_and_together_they_bring_everything() {
    let (mut tabs, mut kinds, mut steps) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut calm = 0;
    for seed in 0..SEEDS / 2 {
        let plan = generate(seed, &options(TABS));
        assert_possible(&plan);
        assert_eq!(plan.seed, seed);
        tabs.extend(plan.steps.iter().filter_map(|step| step.tab));
        kinds.extend(plan.faults.iter().map(Fault::kind));
        steps.extend(plan.steps.iter().map(|step| step.what.to_string()));
        calm += u64::from(plan.faults.is_empty());
    }
    assert_eq!(tabs.len(), usize::from(TABS_MAX));
    assert_eq!(kinds.len(), 9, "{kinds:?}");
    assert_eq!(steps.iter().map(String::as_str).collect::<Vec<_>>(), STEPS);
    assert!(calm > SEEDS / 8, "a calm network shows what tabs do to each other");
}

#[test]
fn the_same_seed_makes_the_same_plan_and_another_seed_another() {
    for cast in [Cast::Single, TABS] {
        for seed in 0..100 {
            let plan = generate(seed, &options(cast));
            assert_eq!(plan, generate(seed, &options(cast)));
            assert_ne!(plan, generate(seed + 1, &options(cast)));
        }
    }
}

#[test]
fn kinds_can_be_left_out_and_nothing_else_comes_instead() {
    let some = [FaultKind::Partition, FaultKind::AckLostAfterAccept];
    for cast in [Cast::Single, TABS] {
        let of = |kinds| {
            let faults = (0..500).flat_map(move |seed| {
                generate(seed, &Options { cast, kinds }).faults.into_iter().map(|f| f.kind())
            });
            faults.collect::<BTreeSet<_>>()
        };
        assert_eq!(of(Kinds::only(&some)), some.map(FaultKind::name).into());
        let others = of(Kinds::ALL.without(&some));
        assert!(others.len() > 6, "{others:?}");
        assert!(some.iter().all(|kind| !others.contains(kind.name())), "{others:?}");
        assert!(of(Kinds::only(&[])).is_empty());
    }
}

#[test]
fn a_number_of_tabs_is_kept() {
    for (least, most) in [(5, 5), (1, 1), (2, 3), (16, 16)] {
        for seed in 0..200 {
            let plan = generate(seed, &options(Cast::Tabs { least, most }));
            assert_possible(&plan);
            let highest = plan.steps.iter().filter_map(|step| step.tab).max().unwrap_or_default();
            assert!(highest < most, "tab {highest} of {most}");
        }
    }
}

#[test]
fn a_cast_is_read_as_it_is_written() {
    for text in ["0", "1", "5", "16", "1..16", "2..3"] {
        assert_eq!(text.parse::<Cast>().unwrap().to_string(), text);
    }
    for text in ["", "17", "0..3", "4..2", "1..17", "two", "-1", "1...3"] {
        let error = text.parse::<Cast>().unwrap_err().to_string();
        assert!(error.contains("at most 16"), "{error}");
    }
}

#[test]
fn options_fit_into_one_word_and_come_back() {
    let all = [
        (options(Cast::Single), ""),
        (options(TABS), "tabs=1..16"),
        (Options { kinds: Kinds::only(&[FaultKind::Hold]), ..options(TABS) }, "tabs=1..16,kinds=2"),
        (Options { kinds: Kinds::only(&[]), ..Options::default() }, "kinds=0"),
    ];
    for (options, word) in all {
        assert_eq!(options.to_string(), word);
        assert_eq!(word.parse(), Ok(options));
    }
    for word in ["tabs", "tabs=17", "kinds=xyz", "kinds=ffffffff", ",", "seed=3"] {
        assert!(word.parse::<Options>().is_err(), "{word}");
    }
}

#[test]
fn what_a_seed_gives_changes_with_the_version_alone() {
    assert_eq!(GENERATOR_VERSION, 1, "a new version has plans of its own: see what these are then");
    let fingerprint = |cast| {
        let mut hasher = blake3::Hasher::new();
        for seed in 0..1_000 {
            hasher.update(generate(seed, &options(cast)).to_toml().as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    };
    assert_eq!(fingerprint(TABS), "441363a62969929d");
    assert_eq!(fingerprint(Cast::Single), "a7d4d678f8e55cb8");
}
