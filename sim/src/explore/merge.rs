//! Several records of one sweep become one: counts and groups add up, and what was covered is held
//! against what was asked for.
//!
//! It refuses records of different sweeps: sums over different plans would mean nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use thiserror::Error;

use super::counts::{Counts, Group, Groups};
use super::digest::Digest;
use super::record::{Head, Record};
use super::seeds::{Seeds, Shard};

/// What all machines together have learnt.
#[derive(Debug)]
pub struct Merged {
    /// What was asked for, of all of them.
    pub head: Head,
    /// Everything counted.
    pub counts: Counts,
    /// Of all runs, if every machine has hashed its own.
    pub digest: Option<Digest>,
    /// The longest of them.
    pub wall_ms: u64,
    /// Everything that failed.
    pub groups: Groups,
    /// Seeds that were played, in stretches that do not touch.
    pub covered: Vec<Range<u64>>,
    /// Seeds that were asked for and not played.
    pub gaps: Vec<Range<u64>>,
    /// Seeds that were played more than once, and count so.
    pub overlaps: Vec<Range<u64>>,
    /// Machines of which there is no record.
    pub missing: Vec<Shard>,
    /// Records without an end, by name.
    pub unfinished: Vec<String>,
}

/// Why records cannot be merged.
#[derive(Debug, Error)]
pub enum MergeError {
    /// There are none.
    #[error("there is nothing to merge; name the files that `holdline explore --json` has written")]
    Nothing,
    /// They are of different sweeps.
    #[error(
        "`{other}` is of another sweep than `{first}`: {what} is {theirs} there and {ours} here; \
         merge what was made with the same options and version"
    )]
    Different {
        /// A file.
        first: String,
        /// And another.
        other: String,
        /// What differs.
        what: &'static str,
        /// In the first.
        ours: String,
        /// In the other.
        theirs: String,
    },
}

/// Adds them up, each with the name of its file.
pub fn merge(records: Vec<(String, Record)>) -> Result<Merged, MergeError> {
    let (first, head) = match records.first() {
        Some((name, record)) => (name.clone(), record.head.common()),
        None => return Err(MergeError::Nothing),
    };
    let all: BTreeSet<Shard> =
        (0..head.shard.of).map(|index| Shard { index, of: head.shard.of }).collect();
    let mut missing = all;
    let mut merged = Merged {
        head,
        counts: Counts::default(),
        digest: Some(Digest::default()),
        wall_ms: 0,
        groups: Groups::default(),
        covered: Vec::new(),
        gaps: Vec::new(),
        overlaps: Vec::new(),
        missing: Vec::new(),
        unfinished: Vec::new(),
    };
    let mut covered = Vec::new();
    for (name, record) in records {
        same(&first, &merged.head, &name, &record.head.common())?;
        missing.remove(&record.head.shard);
        covered.extend(merged.add(name, record));
    }
    merged.missing = missing.into_iter().collect();
    merged.cover(covered);
    Ok(merged)
}

fn same(first: &str, ours: &Head, other: &str, theirs: &Head) -> Result<(), MergeError> {
    let facts = |head: &Head| {
        [
            ("the generator's version", head.generator.to_string()),
            ("--tabs", head.tabs.clone()),
            ("the kinds of faults", head.kinds.join(",")),
            ("--subject", head.subject.clone()),
            ("--seeds", head.seeds.to_string()),
            ("the number of shards", head.shard.of.to_string()),
        ]
    };
    for ((what, ours), (_, theirs)) in facts(ours).into_iter().zip(facts(theirs)) {
        if ours != theirs {
            let (first, other) = (first.to_owned(), other.to_owned());
            return Err(MergeError::Different { first, other, what, ours, theirs });
        }
    }
    Ok(())
}

impl Merged {
    /// The stretches that the record covers.
    fn add(&mut self, name: String, record: Record) -> Vec<Range<u64>> {
        for failed in record.failures {
            self.groups.insert(
                failed.signature,
                Group {
                    verdict: failed.verdict,
                    count: 1,
                    seeds: [(failed.seed, failed.again)].into(),
                    example: failed.text,
                },
            );
        }
        let Some(end) = record.end else {
            self.unfinished.push(name);
            return Vec::new();
        };
        let counts = end.counts();
        self.counts.runs += counts.runs;
        self.counts.virtual_ms += counts.virtual_ms;
        self.digest = self.digest.zip(end.digest).map(|(all, more)| all.plus(more));
        for (sum, count) in self.counts.marks.iter_mut().zip(counts.marks) {
            *sum += count;
        }
        self.wall_ms = self.wall_ms.max(end.wall_ms);
        end.covered.into_iter().map(Seeds::range).collect()
    }

    fn cover(&mut self, mut stretches: Vec<Range<u64>>) {
        stretches.sort_unstable_by_key(|stretch| (stretch.start, stretch.end));
        let asked = self.head.seeds.range();
        let mut until = asked.start;
        for stretch in stretches {
            if until < stretch.start {
                self.gaps.push(until..stretch.start);
            } else if stretch.start < until {
                join(&mut self.overlaps, stretch.start..until.min(stretch.end));
            }
            until = until.max(stretch.end);
            join(&mut self.covered, stretch);
        }
        if until < asked.end {
            self.gaps.push(until..asked.end);
        }
    }
}

/// Adds a stretch that begins no earlier than the last one.
fn join(stretches: &mut Vec<Range<u64>>, more: Range<u64>) {
    match stretches.last_mut() {
        Some(last) if more.start <= last.end => last.end = last.end.max(more.end),
        _ => stretches.push(more),
    }
}
