//! What a failure looks like: the first one whole, many of them sorted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use holdline_sim::trace::diagram::excerpt;

use super::play::{Failure, Why};

/// Rows of the diagram on either side of a violation.
const CONTEXT: usize = 8;
/// More violations of one seed are counted, not told.
const TOLD_MAX: usize = 3;
/// Words by which failures are sorted.
const WORDS: usize = 6;
/// Seeds named of each sort.
const NAMED_MAX: usize = 5;

/// One failure as a person wants it.
pub(crate) fn story(failure: &Failure, path: &Path) -> String {
    let mut text = format!("seed {} failed\n", failure.seed);
    match &failure.why {
        Why::Violated(violations, events) => {
            for violation in violations.iter().take(TOLD_MAX) {
                let _ = write!(text, "\n{violation}\n\n");
                text += &excerpt(events, violation.event, CONTEXT);
            }
            let untold = violations.len().saturating_sub(TOLD_MAX);
            if untold > 0 {
                let _ = writeln!(text, "\nand {untold} more violations");
            }
        }
        Why::Crashed(message) => {
            let _ = writeln!(text, "\ncrashed: {message}");
        }
    }
    text + &format!("\nsee it again: {}\n", again(path))
}

fn again(path: &Path) -> String {
    format!("cargo run --release --bin holdline -- run {} --diagram", path.display())
}

/// Failures of the same sort.
#[derive(Debug, Default)]
struct Group {
    count: u64,
    seeds: Vec<u64>,
    example: String,
    path: PathBuf,
}

/// All failures, by sort.
#[derive(Debug, Default)]
pub(crate) struct Groups(BTreeMap<String, Group>);

impl Groups {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sorts one in; how many there are.
    pub(crate) fn add(&mut self, failure: &Failure, path: &Path) -> u64 {
        let (oracle, what) = match &failure.why {
            Why::Violated(violations, _) => (violations[0].oracle, violations[0].text.as_str()),
            Why::Crashed(message) => ("crash", message.as_str()),
        };
        let group = self.0.entry(format!("{oracle}: {}", sort(what))).or_default();
        if group.count == 0 {
            (group.example, group.path) = (what.to_owned(), path.to_owned());
        }
        group.count += 1;
        if group.seeds.len() < NAMED_MAX {
            group.seeds.push(failure.seed);
        }
        self.0.values().map(|group| group.count).sum()
    }

    pub(crate) fn summary(&self, played: u64, wall: Duration) -> String {
        let mut text = String::new();
        for (sort, Group { count, seeds, example, path }) in &self.0 {
            let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
            let _ = writeln!(
                text,
                "{count} x {sort}\n    such as: {example}\n    seeds {}\n    {}",
                seeds.join(", "),
                again(path)
            );
        }
        let failed: u64 = self.0.values().map(|group| group.count).sum();
        let a_second = u128::from(played) * 1_000 / wall.as_millis().max(1);
        let _ = writeln!(
            text,
            "{} lives passed, {failed} failed in {:.1} s, {a_second} a second",
            played - failed,
            wall.as_secs_f64()
        );
        text
    }
}

/// The first words, without what differs from run to run.
fn sort(text: &str) -> String {
    let plain = |word: &&str| word.len() > 1 && !word.bytes().any(|byte| byte.is_ascii_digit());
    text.split_whitespace().filter(plain).take(WORDS).collect::<Vec<_>>().join(" ")
}
