//! The lists of mutants are in step with the client, the scenarios, the oracles and the documentation.
//!
//! That each is caught takes a build per mutant: `cargo xtask mutants`, and
//! with `--planted` those of the bank.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use holdline_sim::oracle;
use holdline_sim::plan::{Plan, TABS_MAX, bundled};
use xtask::list;

/// Where the times of the planted bugs are told.
const TABLE: &str = "tests/PLANTED.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn mutants() -> Vec<list::Mutant> {
    list::load(&root()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_mutant_applies_to_the_client_as_it_is() {
    for mutant in mutants() {
        let applied = mutant.applied(&root()).unwrap_or_else(|error| panic!("{error}"));
        assert!(!applied.is_empty(), "{} changes nothing", mutant.name);
        for (file, text) in applied {
            assert!(file.starts_with("client/"), "{} changes {file}", mutant.name);
            let before = std::fs::read_to_string(root().join(file)).expect("it was just read");
            assert_ne!(text, before, "{} leaves {file} as it is", mutant.name);
        }
    }
}

#[test]
fn a_text_that_is_not_there_exactly_once_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    let [first, second] = list::LISTS;
    write(second, "mutant = []");
    write(
        first,
        "[[mutant]]\nname = \"m\"\nstory = \"s\"\nscenarios = [\"calm\"]\noracle = \"no-loss\"\n\
         [[mutant.edit]]\nfile = \"a.rs\"\nfind = \"x\"\nreplace = \"y\"\n",
    );
    let applied = || {
        let mutants = list::load(folder.path()).expect("a list");
        mutants[0].applied(folder.path()).map(|texts| texts["a.rs"].clone())
    };
    let refused = applied().expect_err("there is no file");
    assert!(refused.to_string().contains("a.rs"), "{refused}");
    write("a.rs", "x x");
    let refused = applied().expect_err("it occurs twice");
    assert!(refused.to_string().contains("occurs 2 times in a.rs"), "{refused}");
    write("a.rs", "z");
    assert!(applied().is_err());
    write("a.rs", "a x b");
    assert_eq!(applied().expect("it occurs once"), "a y b");
}

#[test]
fn every_oracle_and_scenario_of_the_lists_exists() {
    let mut names = BTreeSet::new();
    for mutant in mutants() {
        let name = &mutant.name;
        assert!(names.insert(name.clone()), "two mutants are called {name}");
        assert!(mutant.story.ends_with('.'), "{name} has no story of one sentence");
        let known = oracle::all().iter().any(|oracle| oracle.id == mutant.oracle);
        assert!(known, "{name} waits for {}, which is no oracle", mutant.oracle);
        let tabs = mutant.planted.as_ref().and_then(|planted| planted.tabs);
        assert!(tabs.is_none_or(|tabs| (1..=TABS_MAX).contains(&tabs)), "{name} has {tabs:?} tabs");
        let plans: Vec<String> = mutant.plans().collect();
        assert!(mutant.planted.is_some() || !plans.is_empty(), "{name} is played in nothing");
        for plan in plans {
            let path = root().join(&plan);
            let playable = match bundled::scenario(&plan) {
                Some(bundled) => bundled.is_ok(),
                None => Plan::load(&path).is_ok(),
            };
            assert!(playable, "{name} is played in {plan}, which is no plan");
        }
    }
}

#[test]
fn every_plan_beside_the_list_is_played() {
    let played: BTreeSet<String> = mutants().iter().flat_map(list::Mutant::plans).collect();
    for entry in std::fs::read_dir(root().join(list::PLANS)).expect("the folder of plans") {
        let file = entry.expect("an entry").file_name();
        let plan = format!("{}/{}", list::PLANS, file.display());
        assert!(played.contains(&plan), "no mutant is played in {plan}");
    }
}

#[test]
fn there_are_enough_of_them_and_every_oracle_has_one() {
    let mut mutants = mutants();
    mutants.retain(|mutant| !mutant.scenarios.is_empty());
    assert!(mutants.len() >= 12, "only {} mutants", mutants.len());
    for oracle in oracle::all() {
        let has_one = mutants.iter().any(|mutant| mutant.oracle == oracle.id);
        assert!(has_one, "no mutant proves that {} bites", oracle.id);
    }
}

#[test]
fn the_bank_is_spread_over_machines_and_oracles() {
    let mut bank = mutants();
    bank.retain(|mutant| mutant.planted.is_some());
    assert!(bank.len() >= 30, "only {} planted bugs", bank.len());
    for mutant in &bank {
        for file in mutant.applied(&root()).unwrap_or_else(|error| panic!("{error}")).keys() {
            assert!(file.starts_with(list::MACHINES), "{} is in {file}, no machine", mutant.name);
        }
    }
    let of_tabs = bank.iter().filter(|mutant| mutant.machines().contains("coordinator")).count();
    assert!(of_tabs * 3 >= bank.len(), "only {of_tabs} of {} are of tabs", bank.len());
    let broken: Vec<String> = bank.iter().map(list::Mutant::machines).collect();
    for machine in [
        "statuses",
        "backoff",
        "health",
        "inbound",
        "outbox",
        "rate",
        "retry_after",
        "session",
        "waits",
    ] {
        assert!(broken.iter().any(|names| names.contains(machine)), "no bug is in {machine}");
    }
    for oracle in oracle::all() {
        let has_one = bank.iter().any(|mutant| mutant.oracle == oracle.id);
        assert!(has_one, "no planted bug is found by {}", oracle.id);
    }
}

#[test]
fn the_table_of_times_has_every_planted_bug() {
    let table = std::fs::read_to_string(root().join(TABLE)).expect("the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: BTreeSet<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    let mut bank = mutants();
    bank.retain(|mutant| mutant.planted.is_some());
    let wanted: BTreeSet<&str> = bank.iter().map(|mutant| mutant.name.as_str()).collect();
    let differ: Vec<&&str> = told.symmetric_difference(&wanted).collect();
    assert!(differ.is_empty(), "{TABLE} is not that of the lists in {differ:?}; make it anew");
}
