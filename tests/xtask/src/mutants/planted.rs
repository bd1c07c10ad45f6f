//! The bank of planted bugs: `holdline explore` plays plans drawn from seeds, on one core, and its
//! first failure must come in time and be of the oracle that is named.
//!
//! It refuses to name a plan: what only a plan made for it can show is for the other list.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use holdline_sim::explore::record::{Failed, Record};

use xtask::list::Mutant;

use super::workshop::{WorkError, Workshop};
use super::{Args, MutantsError};

/// Each must be found within this, as `holdline explore --for` takes it.
const FOUND_WITHIN: &str = "60s";
/// So long the client itself must pass, with every cast that is played.
const PASSES_FOR: &str = "10s";
/// A plan takes milliseconds; one that takes so long turns in circles.
const HANGS_AFTER: &str = "20s";

const HEAD: [&str; 7] =
    ["planted bug", "machine", "tabs", "oracle", "plans played", "seconds", "what is broken"];

/// What came of a sweep.
enum Swept {
    /// The oracle of the first failure, or `crash` or `hang`; and what it says.
    Failed { by: String, text: String, runs: u64, wall_ms: u64 },
    /// Nothing failed.
    Passed { runs: u64 },
    /// It never ended.
    Endless,
}

/// Lets every one of them be found; false when one is not, or when the client itself fails.
pub(crate) fn find_all(
    workshop: &Workshop,
    args: &Args,
    mutants: &[Mutant],
    changes: &[BTreeMap<&str, String>],
) -> Result<bool, MutantsError> {
    let casts: BTreeSet<u8> = mutants.iter().map(tabs).collect();
    for tabs in casts {
        let swept = sweep(workshop, &BTreeMap::new(), &args.profile, tabs, PASSES_FOR)?;
        let Swept::Passed { runs } = swept else {
            println!("the client itself fails with {tabs} tabs: {}", told(&swept));
            return Ok(false);
        };
        println!("the client itself passes {runs} plans with {tabs} tabs");
    }
    let width = mutants.iter().map(|mutant| mutant.name.len()).max().unwrap_or_default();
    let (mut rows, mut found) = (Vec::new(), 0);
    for (mutant, changed) in mutants.iter().zip(changes) {
        let swept = sweep(workshop, changed, &args.profile, tabs(mutant), FOUND_WITHIN)
            .map_err(|source| MutantsError::OneOf { mutant: mutant.name.clone(), source })?;
        let expected = &mutant.oracle;
        match &swept {
            Swept::Failed { by, runs, wall_ms, .. } if by == expected => {
                println!("{:width$}  {by:15}  {runs:7} plans  {}", mutant.name, secs(*wall_ms));
                rows.push(row(mutant, *runs, *wall_ms));
                found += 1;
            }
            other => {
                println!("{:width$}  NOT BY {expected}: {}", mutant.name, told(other));
                println!("    {}", mutant.story);
            }
        }
    }
    println!("{found} of {} planted bugs were found by their oracle", mutants.len());
    if let Some(path) = &args.markdown {
        write_table(path, &rows)
            .map_err(|source| MutantsError::Table { path: path.clone(), source })?;
    }
    Ok(found == mutants.len())
}

/// 0 is one client without a browser, as `holdline explore --tabs` takes it.
fn tabs(mutant: &Mutant) -> u8 {
    mutant.planted.as_ref().and_then(|planted| planted.tabs).unwrap_or_default()
}

fn sweep(
    workshop: &Workshop,
    changed: &BTreeMap<&str, String>,
    profile: &str,
    tabs: u8,
    lasts: &str,
) -> Result<Swept, WorkError> {
    let tabs = tabs.to_string();
    let args = ["explore", "--pure", "--json", "--jobs", "1", "--tabs", &tabs];
    let args = [&args[..], &["--for", lasts, "--hangs-after", HANGS_AFTER]].concat();
    let Some(said) = workshop.say(changed, profile, &args)? else { return Ok(Swept::Endless) };
    let record = Record::read(said.as_bytes())?;
    let end = record.end.ok_or(WorkError::NoEnd)?;
    Ok(match record.failures.into_iter().next() {
        Some(Failed { signature, text, .. }) => {
            let by = signature.split('/').next().unwrap_or_default().to_owned();
            Swept::Failed { by, text, runs: end.runs, wall_ms: end.wall_ms }
        }
        None => Swept::Passed { runs: end.runs },
    })
}

fn told(swept: &Swept) -> String {
    match swept {
        Swept::Failed { by, text, runs, wall_ms } => {
            format!("found by {by} after {runs} plans and {}: {text}", secs(*wall_ms))
        }
        Swept::Passed { runs } => format!("SURVIVED {runs} plans"),
        Swept::Endless => "HUNG: explore itself did not end".to_owned(),
    }
}

/// Tenths are as much as a machine that others use can promise.
fn secs(ms: u64) -> String {
    let tenths = ms.div_ceil(100);
    format!("{}.{} s", tenths / 10, tenths % 10)
}

fn row(mutant: &Mutant, runs: u64, wall_ms: u64) -> [String; 7] {
    let tabs = match tabs(mutant) {
        0 => String::new(),
        tabs => tabs.to_string(),
    };
    [
        format!("`{}`", mutant.name),
        mutant.machines(),
        tabs,
        mutant.oracle.clone(),
        runs.to_string(),
        secs(wall_ms).trim_end_matches(" s").to_owned(),
        mutant.story.clone(),
    ]
}

/// Replaces the table with which the file ends; what stands above it stays.
fn write_table(path: &Path, rows: &[[String; 7]]) -> io::Result<()> {
    let present = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        present => present?,
    };
    let mut text = String::new();
    for line in present.lines().take_while(|line| !line.starts_with('|')) {
        text += line;
        text.push('\n');
    }
    let mut line = |cells: &[String]| {
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    };
    line(&HEAD.map(str::to_owned));
    line(&HEAD.map(|_| "---".to_owned()));
    for row in rows {
        line(row);
    }
    fs::write(path, text)
}
