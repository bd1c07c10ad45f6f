//! What `holdline explore` and `holdline merge` say to people: one failure whole, many of them in
//! groups, and the marks.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::report::human;
use super::run_source::{self, FAILURES, PlanPlace};
use super::sweep_driver::Because;
use holdline_sim::explore::counts::{Counts, Groups};
use holdline_sim::explore::digest::Digest;
use holdline_sim::explore::failure::Failure;
use holdline_sim::explore::sweep::Sweep;
use holdline_sim::marks;
use holdline_sim::replay::Source;
use holdline_sim::subjects::UnderTest;

/// Marks that are named because few runs reached them.
const RAREST: usize = 5;

/// What a sweep has come to.
pub(super) struct Facts<'a> {
    pub(super) because: Option<Because>,
    pub(super) counts: &'a Counts,
    pub(super) groups: &'a Groups,
    pub(super) covered: &'a [Range<u64>],
    /// Of all runs, where they were hashed.
    pub(super) digest: Option<Digest>,
    pub(super) wall: Duration,
    /// Whether its plans have tabs.
    pub(super) tabs: bool,
    /// How often each mark was reached.
    pub(super) all_marks: bool,
    /// Every group of failures.
    pub(super) all_groups: bool,
}

/// The command that shows a failure again.
pub(super) fn replay_command(sweep: &Sweep, subject: &UnderTest, failure: &Failure) -> String {
    let source = Source::explored(failure.seed, &sweep.options);
    let home = PlanPlace::Folder(Path::new(FAILURES));
    let plan = sweep.plan(failure.seed);
    run_source::replay_command(&plan, Some(&source), home, (subject, sweep.backend), failure.hash)
}

/// One failure as a person wants it.
pub(super) fn story(failure: &Failure, again: &str) -> String {
    let Failure { seed, verdict, signature, text, excerpt, .. } = failure;
    format!("seed {seed} {verdict} ({signature})\n\n{text}\n\n{excerpt}\nsee it again: {again}\n\n")
}

/// How a sweep is getting on, in a few words.
pub(super) fn progress(counts: &Counts, failed: u64, wall: Duration) -> String {
    let mut text = format!(
        "{}/s, {} virtual, {} marks",
        a_second(counts.runs, wall),
        human(Duration::from_millis(counts.virtual_ms)),
        counts.marks.iter().filter(|count| **count > 0).count()
    );
    if failed > 0 {
        let _ = write!(text, ", {failed} failed");
    }
    text
}

/// Everything at the end.
pub(super) fn report(facts: &Facts<'_>) -> String {
    let mut text = String::new();
    if facts.all_groups {
        groups(&mut text, facts.groups);
    }
    mark_lines(&mut text, facts);
    let Counts { runs, virtual_ms, .. } = facts.counts;
    let failed = facts.groups.count();
    let passed = runs.saturating_sub(failed);
    let _ = writeln!(
        text,
        "seeds {}: {passed} passed, {failed} failed in {} ({} a second), {} of virtual time",
        stretches(facts.covered),
        human(facts.wall),
        a_second(*runs, facts.wall),
        human(Duration::from_millis(*virtual_ms))
    );
    if let Some(digest) = facts.digest {
        let _ = writeln!(text, "digest {digest}, the same for this sweep on any machine");
    }
    match facts.because {
        Some(Because::Interrupted) => text += "interrupted: the other seeds were not played\n",
        Some(Because::Time) => text += "the time is up\n",
        _ => {}
    }
    text
}

/// Stretches of seeds, as a person writes them.
pub(super) fn stretches(stretches: &[Range<u64>]) -> String {
    if stretches.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<String> =
        stretches.iter().map(|Range { start, end }| format!("{start}..{end}")).collect();
    texts.join(", ")
}

fn a_second(runs: u64, wall: Duration) -> u128 {
    u128::from(runs) * 1_000_000 / wall.as_micros().max(1)
}

fn groups(text: &mut String, groups: &Groups) {
    for (signature, group) in groups.iter() {
        let _ = writeln!(text, "{} x {signature}\n    such as: {}", group.count, group.example);
        for again in group.seeds.values() {
            let _ = writeln!(text, "    {again}");
        }
        text.push('\n');
    }
}

fn mark_lines(text: &mut String, facts: &Facts<'_>) {
    let counted = marks::all().zip(facts.counts.marks);
    let mut counted: Vec<_> =
        counted.filter(|(mark, _)| facts.tabs || !marks::is_of_tabs(mark.name)).collect();
    if facts.all_marks {
        for (mark, count) in &counted {
            let _ = writeln!(text, "{count:>10}  {:<40} {}", mark.name, mark.reached_when);
        }
        text.push('\n');
    }
    let of = counted.len();
    let never: Vec<_> =
        counted.iter().filter(|(_, count)| *count == 0).map(|(mark, _)| mark.name).collect();
    counted.retain(|(_, count)| *count > 0);
    counted.sort_by_key(|(_, count)| *count);
    let rarest: Vec<_> =
        counted.iter().take(RAREST).map(|(mark, count)| format!("{} {count}", mark.name)).collect();
    let _ = write!(text, "{} of {of} marks were reached", counted.len());
    if !rarest.is_empty() {
        let _ = write!(text, "; the rarest: {}", rarest.join(", "));
    }
    text.push('\n');
    if !never.is_empty() {
        let _ = writeln!(text, "never reached: {}", never.join(", "));
    }
}
