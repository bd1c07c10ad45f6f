//! A sweep as JSON lines, for a machine to keep: first what was asked for, then every failure as it
//! came, and at the end what was learnt.
//!
//! A file without its last line is that of a sweep that was killed: what it had found is in it, what it
//! had covered nobody knows.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::counts::Counts;
use super::digest::Digest;
use super::failure::{Failure, Verdict};
use super::seeds::{Seeds, Shard};
use crate::marks;

/// Rises when older files can no longer be read.
pub const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// What was asked for: the first line.
    Sweep(Head),
    /// A seed that did not pass.
    Failure(Failed),
    /// What was learnt: the last line.
    End(End),
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// See [`FORMAT`].
    pub format: u32,
    /// The plans: version of the generator.
    pub generator: u32,
    /// The plans: number of tabs.
    pub tabs: String,
    /// The plans: kinds of faults.
    pub kinds: Vec<String>,
    /// Who was under test.
    pub subject: String,
    /// All seeds of all machines.
    pub seeds: Seeds,
    /// Which machine of how many.
    pub shard: Shard,
}

impl Head {
    /// What is the same for every file of one sweep.
    #[must_use]
    pub fn common(&self) -> Self {
        Self { shard: Shard { index: 0, of: self.shard.of }, ..self.clone() }
    }
}

/// A seed that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// Which one.
    pub seed: u64,
    /// What sort it is.
    pub verdict: Verdict,
    /// What it looks like.
    pub signature: String,
    /// The first thing that went wrong.
    pub text: String,
    /// The command that shows it again.
    pub again: String,
}

impl Failed {
    /// Of a failure.
    #[must_use]
    pub fn new(failure: &Failure, again: String) -> Self {
        Self {
            seed: failure.seed,
            verdict: failure.verdict,
            signature: failure.signature.to_string(),
            text: failure.text.clone(),
            again,
        }
    }
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Why it ended: `all played`, `failure`, `time`, `interrupted`.
    pub because: String,
    /// The seeds that were played to their end, in stretches.
    pub covered: Vec<Seeds>,
    /// Runs that came to an end.
    pub runs: u64,
    /// Their virtual time.
    pub virtual_ms: u64,
    /// How long it took.
    pub wall_ms: u64,
    /// Of all runs, where they were hashed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Runs that reached each mark.
    pub marks: BTreeMap<String, u64>,
}

impl End {
    /// The counted numbers.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts =
            Counts { runs: self.runs, virtual_ms: self.virtual_ms, ..Counts::default() };
        for (sum, mark) in counts.marks.iter_mut().zip(marks::all()) {
            *sum = self.marks.get(mark.name).copied().unwrap_or_default();
        }
        counts
    }
}

/// The marks of a sweep with how often each was reached.
#[must_use]
pub fn marks_of(counts: &Counts) -> BTreeMap<String, u64> {
    marks::all().map(|mark| mark.name.to_owned()).zip(counts.marks).collect()
}

impl Line {
    /// As it is written, with its end.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("a record is plain data") + "\n"
    }
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What was asked for.
    pub head: Head,
    /// Every seed that did not pass.
    pub failures: Vec<Failed>,
    /// What was learnt; `None` for a sweep that was killed.
    pub end: Option<End>,
}

/// Why a file is no record of a sweep.
#[derive(Debug, Error)]
pub enum RecordError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// Nothing in it.
    #[error("it is empty; a sweep writes it with `holdline explore --json`")]
    Empty,
    /// A line that no sweep writes.
    #[error("line {line} is none that `holdline explore --json` writes: {why}")]
    Foreign {
        /// Which one, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Of another version.
    #[error("it has format {0}, and this holdline reads {FORMAT}; use the one that wrote it")]
    Format(u32),
}

impl Record {
    /// Reads a file.
    pub fn read(lines: impl BufRead) -> Result<Self, RecordError> {
        let mut lines = lines.lines().enumerate();
        let foreign = |line: usize, why: &str| RecordError::Foreign { line, why: why.to_owned() };
        let (_, first) = lines.next().ok_or(RecordError::Empty)?;
        let head = match parse(1, &first?)? {
            Line::Sweep(head) if head.format == FORMAT => head,
            Line::Sweep(head) => return Err(RecordError::Format(head.format)),
            _ => return Err(foreign(1, "the first line says what was asked for")),
        };
        let mut record = Self { head, failures: Vec::new(), end: None };
        while let Some((index, line)) = lines.next() {
            match parse(index + 1, &line?) {
                _ if record.end.is_some() => {
                    return Err(foreign(index + 1, "the sweep had ended"));
                }
                Ok(Line::Failure(failed)) => record.failures.push(failed),
                Ok(Line::End(end)) => record.end = Some(end),
                Ok(Line::Sweep(_)) => {
                    return Err(foreign(index + 1, "a second sweep; give each a file of its own"));
                }
                // The machine was killed in the middle of a line.
                Err(_) if lines.next().is_none() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(record)
    }
}

fn parse(line: usize, text: &str) -> Result<Line, RecordError> {
    serde_json::from_str(text)
        .map_err(|error| RecordError::Foreign { line, why: error.to_string() })
}
