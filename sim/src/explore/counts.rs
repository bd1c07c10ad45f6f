//! What a sweep has learnt, and how two of them add up.

use std::collections::BTreeMap;

use super::digest::Digest;
use super::failure::{Failure, Verdict};
use crate::marks::COUNT;

/// Seeds named of each group.
const NAMED_MAX: usize = 5;

/// What is counted of every run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Runs that came to an end.
    pub runs: u64,
    /// Their virtual time.
    pub virtual_ms: u64,
    /// Of all runs that were hashed.
    pub digest: Digest,
    /// Runs that reached each mark, in the order of [`marks::all`](crate::marks::all).
    pub marks: [u64; COUNT],
}

impl Default for Counts {
    fn default() -> Self {
        Self { runs: 0, virtual_ms: 0, digest: Digest::default(), marks: [0; COUNT] }
    }
}

/// Failures that look the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What sort they are; of several, the worst.
    pub verdict: Verdict,
    /// How many.
    pub count: u64,
    /// The first of them by seed, each with the command that shows it again.
    pub seeds: BTreeMap<u64, String>,
    /// The one with the lowest seed, in a sentence.
    pub example: String,
}

/// All failures, by what they look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups(BTreeMap<String, Group>);

impl Groups {
    /// Sorts one in; `again` is the command that shows it again.
    pub fn add(&mut self, failure: &Failure, again: String) {
        self.insert(
            failure.signature.to_string(),
            Group {
                verdict: failure.verdict,
                count: 1,
                seeds: [(failure.seed, again)].into(),
                example: failure.text.clone(),
            },
        );
    }

    /// Sorts a whole group in.
    pub fn insert(&mut self, signature: String, more: Group) {
        let Some(group) = self.0.get_mut(&signature) else {
            self.0.insert(signature, more);
            return;
        };
        if more.seeds.keys().next() < group.seeds.keys().next() {
            group.example = more.example;
        }
        group.verdict = group.verdict.max(more.verdict);
        group.count += more.count;
        group.seeds.extend(more.seeds);
        while group.seeds.len() > NAMED_MAX {
            group.seeds.pop_last();
        }
    }

    /// Every group with its signature.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.0.iter().map(|(signature, group)| (signature.as_str(), group))
    }

    /// How many failures there are in all.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().map(|group| group.count).sum()
    }

    /// The worst of them.
    #[must_use]
    pub fn worst(&self) -> Option<Verdict> {
        self.0.values().map(|group| group.verdict).max()
    }
}
