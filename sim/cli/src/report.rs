//! What `holdline run` prints: a table, the story of each violation, or JSON.

use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use super::run_source::{self, PlanPlace, named, source_of};
use holdline_sim::oracle::Violation;
use holdline_sim::plan::Plan;
use holdline_sim::subjects::UnderTest;
use holdline_sim::trace::diagram::{diagram, excerpt};
use holdline_sim::world::run::{BackendKind, Run};

/// Rows of the diagram on either side of a violation.
const CONTEXT: usize = 8;
/// More violations of one run are counted, not told.
const TOLD_MAX: usize = 3;

/// One plan after it was played.
pub(super) struct Played {
    pub(super) name: String,
    pub(super) plan: Plan,
    pub(super) outcome: Outcome,
    pub(super) wall: Duration,
}

pub(super) enum Outcome {
    Judged(Run),
    Skipped(String),
    Crashed(String),
    Hung(String),
}

impl Outcome {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Judged(run) if run.violations.is_empty() => "pass",
            Self::Judged(_) => "FAIL",
            Self::Skipped(_) => "skipped",
            Self::Crashed(_) => "CRASH",
            Self::Hung(_) => "HANG",
        }
    }
}

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A table, and the story of each violation.
    Table,
    /// The same after the whole diagram of every run.
    Diagrams,
    /// One JSON object per run and line, as soon as it was played.
    Json,
}

/// Turns what was played into text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub(super) style: Style,
    pub(super) backend: BackendKind,
    pub(super) subject: UnderTest,
}

impl Report {
    /// What is told as soon as one was played.
    pub(super) fn each(self, played: &Played) -> Option<String> {
        match self.style {
            Style::Table => None,
            Style::Diagrams => Some(story(played)),
            Style::Json => Some(json(played, self)),
        }
    }

    /// What is told at the end.
    pub(super) fn summary(self, played: &[Played], wall: Duration) -> String {
        let Self { style, backend, .. } = self;
        if style == Style::Json {
            return String::new();
        }
        let mut text = format!("{}\n", table(played));
        for one in played {
            tell(&mut text, one, self);
        }
        let passed = played.iter().filter(|one| one.outcome.verdict() == "pass").count();
        let skipped = played.iter().filter(|one| one.outcome.verdict() == "skipped").count();
        let failed = played.len() - passed - skipped;
        let _ = write!(text, "{passed} passed, {failed} failed");
        if skipped > 0 {
            let _ = write!(text, ", {skipped} skipped");
        }
        let _ = writeln!(text, " in {} on the {backend} backend", human(wall));
        text
    }
}

fn story(one: &Played) -> String {
    let Played { name, plan, outcome, .. } = one;
    let mut text = format!("{name}: {}\n{}\n", plan.title, plan.story);
    if let Outcome::Judged(run) = outcome {
        text += &diagram(&run.events);
    }
    text + "\n"
}

fn table(played: &[Played]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["scenario", "verdict", "messages", "virtual", "wall", "audit hash"]);
    for one in played {
        let (messages, virtual_time, hash) = match &one.outcome {
            Outcome::Judged(run) => {
                let (delivered, typed) = run.messages();
                (format!("{delivered}/{typed}"), human(run.virtual_time), run.hash.to_string())
            }
            _ => Default::default(),
        };
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(&one.name),
            Cell::new(one.outcome.verdict()),
            right(messages),
            right(virtual_time),
            right(human(one.wall)),
            Cell::new(hash),
        ]);
    }
    table
}

fn tell(text: &mut String, one: &Played, report: Report) {
    match &one.outcome {
        Outcome::Judged(run) => {
            for violation in run.violations.iter().take(TOLD_MAX) {
                let seconds = violation.at.as_secs_f64();
                let Violation { oracle, event, text: what, .. } = violation;
                let _ = writeln!(text, "\n{}: {oracle} at {seconds:.3} s: {what}\n", one.name);
                *text += &excerpt(&run.events, *event, CONTEXT);
            }
            let untold = run.violations.len().saturating_sub(TOLD_MAX);
            if untold > 0 {
                let _ = writeln!(text, "\n{}: and {untold} more violations", one.name);
            }
            if !run.violations.is_empty() {
                let _ = writeln!(text, "\nsee it again: {}\n", replay_command(one, report));
            }
        }
        Outcome::Skipped(why) => {
            let _ = writeln!(text, "{}: skipped: {why}", one.name);
        }
        Outcome::Crashed(message) | Outcome::Hung(message) => {
            let how = if matches!(one.outcome, Outcome::Hung(_)) { "hung" } else { "crashed" };
            let _ = writeln!(text, "\n{}: {how}: {message}", one.name);
            let _ = writeln!(text, "\nsee it again: {}\n", replay_command(one, report));
        }
    }
}

/// The command that shows it again. The ticking network has no tokens.
fn replay_command(one: &Played, report: Report) -> String {
    let Report { backend, subject, .. } = report;
    if backend == BackendKind::Tick {
        let name = quoted(&one.name);
        return format!("holdline run --diagram --backend {backend}{} {name}", named(&subject));
    }
    let hash = match &one.outcome {
        Outcome::Judged(run) => Some(run.hash),
        Outcome::Skipped(_) | Outcome::Crashed(_) | Outcome::Hung(_) => None,
    };
    let source = source_of(&one.name);
    let home = PlanPlace::File(&one.name);
    run_source::replay_command(&one.plan, source.as_ref(), home, (&subject, backend), hash)
}

/// As a shell wants it.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+,:@".contains(c);
    match name {
        name if name.chars().all(plain) => name.to_owned(),
        name => format!("'{}'", name.replace('\'', "'\\''")),
    }
}

pub(super) fn human(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 600.0 {
        format!("{seconds:.1} s")
    } else if seconds < 7200.0 {
        format!("{:.1} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    scenario: &'a str,
    title: &'a str,
    backend: String,
    verdict: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    delivered: usize,
    typed: usize,
    events: usize,
    virtual_ms: u64,
    wall_us: u64,
    audit_hash: Option<String>,
    violations: Vec<Violated<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    again: Option<String>,
}

#[derive(Serialize)]
struct Violated<'a> {
    oracle: &'a str,
    at_ms: u64,
    event: usize,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram: Option<String>,
}

fn json(one: &Played, report: Report) -> String {
    let (run, why) = match &one.outcome {
        Outcome::Judged(run) => (Some(run), None),
        Outcome::Skipped(why) | Outcome::Crashed(why) | Outcome::Hung(why) => {
            (None, Some(why.as_str()))
        }
    };
    let (delivered, typed) = run.map(Run::messages).unwrap_or_default();
    let verdict = one.outcome.verdict();
    let line = Line {
        scenario: &one.name,
        title: &one.plan.title,
        backend: report.backend.to_string(),
        verdict,
        why,
        delivered,
        typed,
        events: run.map_or(0, |run| run.events.len()),
        virtual_ms: run.map_or(0, |run| run.virtual_time.as_millis() as u64),
        wall_us: one.wall.as_micros() as u64,
        audit_hash: run.map(|run| run.hash.to_string()),
        violations: run.map_or_else(Vec::new, violated),
        again: ["FAIL", "CRASH", "HANG"].contains(&verdict).then(|| replay_command(one, report)),
    };
    serde_json::to_string(&line).expect("a report is plain data") + "\n"
}

fn violated(run: &Run) -> Vec<Violated<'_>> {
    let mut told = Vec::new();
    for Violation { oracle, at, event, text, .. } in &run.violations {
        let (event, at_ms) = (*event, at.as_millis() as u64);
        let diagram = (told.len() < TOLD_MAX).then(|| excerpt(&run.events, event, CONTEXT));
        told.push(Violated { oracle, at_ms, event, text, diagram });
    }
    told
}
