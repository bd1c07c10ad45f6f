//! A candidate is played, and taken if it still fails alike.

use std::collections::BTreeSet;

use super::signature;
use crate::explore::Signature;
use crate::plan::Plan;
use crate::subjects::Subject;
use crate::world::run::{BackendKind, run};

/// The best plan so far, and everything that was tried.
pub(super) struct Attempts<'a> {
    pub(super) best: Plan,
    pub(super) signature: Signature,
    pub(super) runs: u64,
    /// Nobody waits for more.
    pub(super) stopped: bool,
    subject: &'a dyn Subject,
    backend: BackendKind,
    go_on: &'a dyn Fn(&Plan) -> bool,
    failed: BTreeSet<[u8; 16]>,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(
        best: Plan,
        (subject, backend): (&'a dyn Subject, BackendKind),
        signature: Signature,
        go_on: &'a dyn Fn(&Plan) -> bool,
    ) -> Self {
        let failed = BTreeSet::new();
        Self { best, signature, runs: 0, stopped: false, subject, backend, go_on, failed }
    }

    /// Takes the candidate if it is possible (or can be mended) and fails alike; whether it was
    /// taken.
    pub(super) fn take(&mut self, mut candidate: Plan) -> bool {
        if !candidate.mend() || candidate == self.best || self.stopped {
            return false;
        }
        if candidate.is_deserted() && !self.best.is_deserted() {
            return false;
        }
        let fails = self.fails_alike(&candidate);
        if fails {
            self.best = candidate;
        }
        fails
    }

    /// Whether a possible plan fails alike. What was tried before is not played again.
    pub(super) fn fails_alike(&mut self, candidate: &Plan) -> bool {
        let mut digest = [0; 16];
        let hash = blake3::hash(candidate.to_toml().as_bytes());
        digest.copy_from_slice(&hash.as_bytes()[..16]);
        if self.failed.contains(&digest) {
            return false;
        }
        self.stopped = self.stopped || !(self.go_on)(&self.best);
        if self.stopped {
            return false;
        }
        self.runs += 1;
        let played = run(candidate, self.subject, self.backend);
        let fails = signature(&played).as_ref() == Some(&self.signature);
        if !fails {
            self.failed.insert(digest);
        }
        fails
    }
}
