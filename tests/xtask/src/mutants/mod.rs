//! Proof that the harness bites: the client is broken in many ways, and each is caught by the
//! oracle that is there for it.
//!
//! `cargo xtask mutants [NAME...]` plays all mutants of the lists in named plans, or those named, in a copy of the
//! workspace below the target folder. With `--planted` nobody says what to play: `holdline explore` must find each by
//! itself. Both first play the client as it is, because a scenario that fails anyway proves nothing.

mod mirror;
mod planted;
mod workshop;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;
use xtask::list::{self, ListError, Mutant};

use workshop::{Played, Report, WorkError, Workshop};

/// The oracle that is there for it has noticed.
const CAUGHT: &str = "caught";
/// Only others have; the longest of the verdicts.
const BY_ANOTHER: &str = "BY ANOTHER";

/// Why there is no verdict.
#[derive(Debug, Error)]
pub(crate) enum MutantsError {
    #[error(transparent)]
    List(#[from] ListError),
    #[error(transparent)]
    Work(#[from] WorkError),
    #[error("there is no mutant `{name}`; there are: {known}")]
    Unknown { name: String, known: String },
    #[error("{mutant}: {source}")]
    OneOf { mutant: String, source: WorkError },
    #[error("`{}`: {source}", .path.display())]
    Table { path: PathBuf, source: io::Error },
}

/// What is asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Lets `holdline explore` find the mutants of the bank, instead of playing named plans
    #[arg(long)]
    planted: bool,
    /// How the mutants of the bank are built: `planted` for speed, or `dev`, which is there already
    #[arg(long, requires = "planted", default_value = "planted")]
    profile: String,
    /// Writes the table as Markdown into this file, in place of the table there; the text above stays
    #[arg(long, requires = "planted")]
    markdown: Option<PathBuf>,
    /// Only these
    names: Vec<String>,
}

/// Plays what is asked for; false when a mutant was not caught by its oracle, or the client itself fails.
pub(crate) fn play_all(args: &Args) -> Result<bool, MutantsError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let belongs = |mutant: &Mutant| {
        if args.planted { mutant.planted.is_some() } else { !mutant.scenarios.is_empty() }
    };
    let all = list::load(&root)?.into_iter().filter(belongs).collect();
    let mutants = chosen(all, &args.names)?;
    // All of them before the first build: a list that is out of date is known at once.
    let mut changes = Vec::new();
    for mutant in &mutants {
        changes.push(mutant.applied(&root)?);
    }
    let workshop = Workshop::open(&root, &place(&root))?;
    if args.planted {
        return planted::find_all(&workshop, args, &mutants, &changes);
    }
    if !client_passes(&workshop, &mutants)? {
        return Ok(false);
    }
    let table = Table::of(&mutants);
    println!("{}", table.line(["mutant", "expected", "verdict", "caught by"]));
    let mut caught = 0;
    for (mutant, changed) in mutants.iter().zip(&changes) {
        let plans: Vec<String> = mutant.plans().collect();
        let played = workshop
            .play(changed, &plans)
            .map_err(|source| MutantsError::OneOf { mutant: mutant.name.clone(), source })?;
        let (verdict, oracles) = verdict(mutant, &played);
        println!("{}", table.line([&mutant.name, &mutant.oracle, verdict, &oracles]));
        if verdict == CAUGHT {
            caught += 1;
        } else {
            println!("    not noticed: {}", mutant.story);
        }
    }
    println!("{caught} of {} mutants were caught by their oracle", mutants.len());
    Ok(caught == mutants.len())
}

/// The mutants of these names; all of them without names.
fn chosen(all: Vec<Mutant>, names: &[String]) -> Result<Vec<Mutant>, MutantsError> {
    if let Some(name) = names.iter().find(|name| all.iter().all(|mutant| mutant.name != **name)) {
        let known: Vec<&str> = all.iter().map(|mutant| mutant.name.as_str()).collect();
        return Err(MutantsError::Unknown { name: name.clone(), known: known.join(", ") });
    }
    let wanted = |mutant: &Mutant| names.is_empty() || names.contains(&mutant.name);
    Ok(all.into_iter().filter(wanted).collect())
}

/// Where the copy is kept: below the target folder, and therefore never in anybody's way.
fn place(root: &Path) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    target.unwrap_or_else(|| root.join("target")).join("mutants")
}

/// Whether the client as it is passes everything that the mutants are played in.
fn client_passes(workshop: &Workshop, mutants: &[Mutant]) -> Result<bool, MutantsError> {
    let plans: BTreeSet<String> = mutants.iter().flat_map(Mutant::plans).collect();
    let plans: Vec<String> = plans.into_iter().collect();
    let Played::Judged(reports) = workshop.play(&BTreeMap::new(), &plans)? else {
        println!("the client itself does not come to an end in: {}", plans.join(", "));
        return Ok(false);
    };
    let failed: Vec<&Report> = reports.iter().filter(|report| report.verdict != "pass").collect();
    for report in &failed {
        println!("the client itself does not pass {}: {}", report.scenario, report.verdict);
        for violation in &report.violations {
            println!("    {}: {}", violation.oracle, violation.text);
        }
    }
    Ok(failed.is_empty())
}

/// The verdict, and every oracle that spoke up.
fn verdict(mutant: &Mutant, played: &Played) -> (&'static str, String) {
    let Played::Judged(reports) = played else { return ("HUNG", String::new()) };
    let violations = reports.iter().flat_map(|report| &report.violations);
    let oracles: BTreeSet<&str> = violations.map(|found| found.oracle.as_str()).collect();
    let verdict = if oracles.contains(mutant.oracle.as_str()) {
        CAUGHT
    } else if reports.iter().any(|report| report.verdict == "CRASH") {
        "CRASHED"
    } else if oracles.is_empty() {
        "SURVIVED"
    } else {
        BY_ANOTHER
    };
    (verdict, oracles.into_iter().collect::<Vec<_>>().join(", "))
}

/// Widths of the columns; the last one is as wide as it likes.
struct Table {
    widths: [usize; 3],
}

impl Table {
    fn of(mutants: &[Mutant]) -> Self {
        let longest = |of: fn(&Mutant) -> &str| mutants.iter().map(|m| of(m).len()).max();
        let name = longest(|mutant| &mutant.name).unwrap_or_default();
        let oracle = longest(|mutant| &mutant.oracle).unwrap_or_default();
        Self { widths: [name.max("mutant".len()), oracle.max("expected".len()), BY_ANOTHER.len()] }
    }

    fn line(&self, [mutant, expected, verdict, caught_by]: [&str; 4]) -> String {
        let [name, oracle, word] = self.widths;
        format!("{mutant:name$}  {expected:oracle$}  {verdict:word$}  {caught_by}")
            .trim_end()
            .into()
    }
}
