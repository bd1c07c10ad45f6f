//! The catalogue of known bugs, entry by entry: red on the published client with that defect alone,
//! by the oracle it names; green on the published client without defects; green on ours.
//!
//! What the entries are for is told by `holdline bugs`; here is only whether it is true.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use holdline_sim::catalogue::{Bug, bundled};
use holdline_sim::subjects::published::defect::Defect;

/// A bug that needs more than this is not understood yet.
const FAULTS_MAX: usize = 5;
const STEPS_MAX: usize = 10;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/known-bugs")
}

fn bugs() -> Vec<Bug> {
    bundled::all().unwrap_or_else(|error| panic!("{error}"))
}

/// Fails with every line at once: which bug, which claim, what was found.
#[track_caller]
fn assert_none(wrong: &[String]) {
    assert!(
        wrong.is_empty(),
        "{} of the catalogue's claims fail:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_bug_is_red_with_its_defect_green_without_and_green_on_ours() {
    let wrong = |bug: Bug| {
        let claims = bug.wrong_claims(&bug.prove());
        claims.into_iter().map(move |claim| format!("{}: {claim}", bug.id)).collect::<Vec<_>>()
    };
    // Two threads, because a run is one thread and there are two hundred of them.
    let (even, odd): (Vec<_>, Vec<_>) =
        bugs().into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
    let lines = std::thread::scope(|scope| {
        let halves = [even, odd].map(|half| {
            scope
                .spawn(move || half.into_iter().flat_map(|(_, bug)| wrong(bug)).collect::<Vec<_>>())
        });
        halves.map(|half| half.join().expect("a crash in a run is no panic here")).concat()
    });
    assert_none(&lines);
}

#[test]
fn every_file_is_bundled_under_its_own_id() {
    let bundled: BTreeSet<String> =
        bundled::BUGS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(bundled.len(), bundled::BUGS.len(), "one file is bundled twice");
    let files: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder of known bugs")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a file has a name").display().to_string())
        .collect();
    assert_eq!(files, bundled, "sim/src/catalogue/bundled.rs names the files");
    let own: BTreeSet<String> = bugs().iter().map(|bug| bug.id.file_stem()).collect();
    assert_eq!(own, bundled, "a file is called after the id in it, like a14.toml, b03.toml");
}

#[test]
fn every_bug_of_an_article_has_the_defect_of_its_id() {
    let wrong = bugs().into_iter().filter_map(|bug| {
        let id = bug.id.to_string();
        let own = bug.defect.is_some_and(|defect| defect.to_string() == id);
        (!id.starts_with('F') && !own).then(|| format!("{id}: defect = \"{id}\" is missing"))
    });
    assert_none(&wrong.collect::<Vec<_>>());
}

#[test]
fn a_bug_that_nobody_shows_says_why() {
    let wrong = bugs().into_iter().filter(|bug| bug.defect.is_some() == bug.no_red.is_some());
    let text =
        |bug: Bug| format!("{}: either `defect` or `no-red`, which says why there is none", bug.id);
    assert_none(&wrong.map(text).collect::<Vec<_>>());
}

#[test]
fn every_bug_is_small_and_told() {
    let mut wrong = Vec::new();
    for bug in bugs() {
        let (faults, steps) = (bug.plan.faults.len(), bug.plan.steps.len());
        if faults > FAULTS_MAX || steps > STEPS_MAX {
            wrong.push(format!("{}: {faults} faults and {steps} steps; shrink it", bug.id));
        }
        let story = bug.story.trim();
        if story.len() < 100 || story.contains("\n\n") {
            wrong.push(format!("{}: a story is one paragraph of some sentences", bug.id));
        }
        if bug.source.trim().is_empty() {
            wrong.push(format!("{}: source says where it is from", bug.id));
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_defect_that_a_run_can_show_has_its_bug() {
    let known: BTreeSet<String> = bugs().iter().map(|bug| bug.id.to_string()).collect();
    let wanted = Defect::ALL.iter().filter(|defect| !defect.is_static()).map(ToString::to_string);
    let missing: Vec<String> = wanted.filter(|id| !known.contains(id)).collect();
    assert!(missing.is_empty(), "without a file in fixtures/known-bugs: {}", missing.join(", "));
    assert!(known.len() >= 64, "only {} bugs", known.len());
}

#[test]
fn a_file_that_is_no_bug_is_told_with_its_line_and_what_is_allowed() {
    let good = std::fs::read_to_string(folder().join("f01.toml")).expect("the first of the field");
    Bug::parse("f01.toml", &good).expect("it is one");
    for (find, replace, says) in [
        ("id = \"F1\"", "id = \"X1\"", &["f01.toml:1: ", "`X1`", "like A14"][..]),
        ("\"comes-back\"", "\"luck\"", &["`luck` is no oracle; there are: no-loss, ", "expect"]),
        ("defect = \"A28\"", "defect = \"A34\"", &["A34 shows in no run"]),
        ("defect = \"A28\"", "defect = \"Z9\"", &["`Z9` is no defect"]),
        ("source = ", "sauce = ", &["f01.toml:3: ", "unknown field `sauce`", "`source`"]),
        ("[plan.settings]", "[settings]", &["unknown field `settings`", "`plan`"]),
        ("[plan.settings]", "[plan]\ntitle = \"x\"\n[plan.settings]", &["title of the whole"]),
        ("do = \"send\"", "do = \"shout\"", &["unknown value `shout`", "`send`"]),
        ("lasts = \"30s\"", "latency = \"9s\"", &["latency is 9s, and at most 1s"]),
        ("title = \"A", "title = \" \"\n#", &["f01.toml:2: ", "title is empty"]),
        ("[[plan.step]]", "[plan.step]", &["write [[step]], in double brackets"]),
    ] {
        assert!(good.contains(find), "{find} is in the example");
        let error = Bug::parse("f01.toml", &good.replacen(find, replace, 1)).expect_err(replace);
        for part in says {
            assert!(error.to_string().contains(part), "`{part}` is not in:\n{error}");
        }
    }
    let head = good.split("[plan").next().expect("a head");
    let error = Bug::parse("f01.toml", head).expect_err("there is no plan");
    assert!(error.to_string().contains("missing field `plan`"), "{error}");
}
