//! `holdline bugs`: the known bugs as a list, or one of them as a story.

use std::fmt::Write as _;

use clap::Args;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use strsim::damerau_levenshtein;

use super::{Exit, print, print_error};
use holdline_sim::catalogue::{Bug, BugId, Proof, bundled};
use holdline_sim::oracle;
use holdline_sim::subjects::published::defect::Defect;
use holdline_sim::trace::diagram::{diagram, excerpt};
use holdline_sim::world::run::{Run, RunError};

/// A diagram of at most so many lines is shown whole.
const WHOLE_LINES: usize = 70;
/// Rows on either side of the violation in a longer one.
const CONTEXT: usize = 14;
/// How many ids are suggested instead of one that there is not.
const NEAREST: usize = 3;

/// Arguments of `holdline bugs`.
#[derive(Debug, Args)]
pub(super) struct BugsArgs {
    /// Tells this one, like A14
    id: Option<String>,
    /// One JSON object per bug and line
    #[arg(long)]
    json: bool,
}

/// One bug as `--json` prints it in the list.
#[derive(Serialize)]
struct Listed<'a> {
    id: String,
    title: &'a str,
    oracle: &'static str,
    source: &'a str,
    story: &'a str,
    defect: Option<String>,
    no_red: Option<&'a str>,
}

/// And alone.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    bug: Listed<'a>,
    violation: Option<&'a oracle::Violation>,
    diagram: Option<String>,
    without_defects_passes: Option<bool>,
    holdline_passes: bool,
    wrong: Vec<String>,
}

pub(super) fn bugs(args: &BugsArgs) -> Exit {
    let all = match bundled::all() {
        Ok(all) => all,
        Err(error) => {
            print_error(&error);
            return Exit::Usage;
        }
    };
    let Some(asked) = &args.id else {
        return print(&if args.json { json_list(&all) } else { list(&all) });
    };
    let id = asked.parse::<BugId>().ok();
    let Some(bug) = all.iter().find(|bug| Some(bug.id) == id) else {
        print_error(&unknown(asked, &all));
        return Exit::Usage;
    };
    let proof = bug.prove();
    let text = if args.json { json_story(bug, &proof) } else { story(bug, &proof) };
    print(&text).max(exit_of(bug, &proof))
}

/// A crash is told as one; any other claim that does not hold is a violation.
fn exit_of(bug: &Bug, proof: &Proof) -> Exit {
    let red = proof.red.as_ref().map(|(_, result)| result);
    let crashed = [red, proof.without.as_ref(), Some(&proof.ours)];
    if crashed.into_iter().flatten().any(Result::is_err) {
        Exit::Crash
    } else if bug.wrong_claims(proof).is_empty() {
        Exit::Pass
    } else {
        Exit::Violation
    }
}

fn list(all: &[Bug]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["id", "what the user sees", "found by", "from"]);
    for bug in all {
        table.add_row([&bug.id.to_string(), &bug.title, bug.oracle, &bug.source]);
    }
    format!("{table}\n{} known bugs; `holdline bugs ID` tells one as a story\n", all.len())
}

fn listed(bug: &Bug) -> Listed<'_> {
    Listed {
        id: bug.id.to_string(),
        title: &bug.title,
        oracle: bug.oracle,
        source: &bug.source,
        story: bug.story.trim(),
        defect: bug.defect.map(|defect| defect.to_string()),
        no_red: bug.no_red.as_deref(),
    }
}

fn json_list(all: &[Bug]) -> String {
    all.iter().fold(String::new(), |lines, bug| lines + &line(&listed(bug)))
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a bug is plain data") + "\n"
}

fn json_story(bug: &Bug, proof: &Proof) -> String {
    let red = proof.red.as_ref().map(|(_, result)| result);
    let violation = red.and_then(|result| bug.shown_in(result));
    let passes =
        |result: &Result<Run, RunError>| result.as_ref().is_ok_and(|run| run.violations.is_empty());
    line(&Told {
        bug: listed(bug),
        violation,
        diagram: violation
            .zip(red)
            .and_then(|(violation, result)| Some(picture(result.as_ref().ok()?, violation.event))),
        without_defects_passes: proof.without.as_ref().map(passes),
        holdline_passes: passes(&proof.ours),
        wrong: bug.wrong_claims(proof).iter().map(ToString::to_string).collect(),
    })
}

fn story(bug: &Bug, proof: &Proof) -> String {
    let mut text = format!("{}: {}\n({})\n\n{}\n", bug.id, bug.title, bug.source, bug.story.trim());
    let holds_when = oracle::all().iter().find(|oracle| oracle.id == bug.oracle);
    if let Some(oracle) = holds_when {
        let _ = writeln!(text, "\n{} holds when {}.", oracle.id, oracle.holds_when);
    }
    if let Some((defect, result)) = &proof.red {
        let _ = writeln!(text, "\nThe published client with {defect} alone ({}):", defect.title());
        if let (Ok(run), Some(violation)) = (result, bug.shown_in(result)) {
            let _ = writeln!(text, "{violation}\n\n{}", picture(run, violation.event).trim_end());
        }
    }
    if let Some(why) = &bug.no_red {
        let _ = writeln!(text, "\nNo rebuilt client shows it: {}", why.trim());
    }
    if let Some(Ok(run)) = proof.without.as_ref().filter(|_| bug.wrong_claims(proof).is_empty()) {
        let _ = writeln!(text, "\nThe published client without it: {}", passes(run));
    }
    if let Ok(run) = &proof.ours
        && run.violations.is_empty()
    {
        let _ = writeln!(text, "The client of this house: {}", passes(run));
    }
    for wrong in bug.wrong_claims(proof) {
        let _ = writeln!(text, "\nNot as it is told: {wrong}");
    }
    text
}

fn passes(run: &Run) -> String {
    let ((delivered, typed), seconds) = (run.messages(), run.virtual_time.as_secs());
    format!("passes, {delivered} of {typed} messages delivered, in {seconds} s of virtual time.")
}

/// The whole diagram if it is short, or what is around the violation.
fn picture(run: &Run, event: usize) -> String {
    let whole = diagram(&run.events);
    if whole.lines().count() <= WHOLE_LINES { whole } else { excerpt(&run.events, event, CONTEXT) }
}

fn unknown(asked: &str, all: &[Bug]) -> String {
    if let Ok(defect) = asked.parse::<Defect>()
        && defect.is_static()
    {
        let title = defect.title();
        return format!(
            "{defect} shows in no run ({title}); tests/tests/it/static_defects holds it"
        );
    }
    let wanted = asked.trim().to_ascii_uppercase();
    let mut nearest: Vec<String> = all.iter().map(|bug| bug.id.to_string()).collect();
    nearest.sort_by_key(|id| damerau_levenshtein(id, &wanted));
    nearest.truncate(NEAREST);
    let nearest = nearest.join(", ");
    format!("`{asked}` is no known bug; the nearest are {nearest}, and `holdline bugs` lists all")
}
