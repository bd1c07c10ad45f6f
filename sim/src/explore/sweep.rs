//! What is explored: one seed from plan to verdict.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::digest::Digest;
use super::failure::Failure;
use crate::marks::Reached;
use crate::plan::Plan;
use crate::plan::generate::{Options, generate};
use crate::subjects::Subject;
use crate::world::run::{BackendKind, judged};

/// What is the same for every seed.
#[derive(Clone)]
pub struct Sweep {
    /// Which plans.
    pub options: Options,
    /// On which tier.
    pub backend: BackendKind,
    /// Who is under test.
    pub subject: Arc<dyn Subject + Send + Sync>,
    /// Whether every run is hashed, and not only what fails.
    pub digests: bool,
}

/// What came of one seed.
#[derive(Debug)]
pub struct Played {
    /// What it reached.
    pub reached: Reached,
    /// How much virtual time it took.
    pub virtual_time: Duration,
    /// Of its log, where it was hashed.
    pub digest: Digest,
    /// What went wrong, if anything did.
    pub failure: Option<Box<Failure>>,
}

impl Sweep {
    /// The plan of a seed.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        generate(seed, &self.options)
    }

    /// Plays and judges one.
    #[must_use]
    pub fn play(&self, seed: u64) -> Played {
        match judged(&self.plan(seed), &*self.subject, self.backend) {
            Ok(run) => {
                let (reached, virtual_time) = (Reached::of(&run.events), run.virtual_time);
                let fails = !run.violations.is_empty();
                let hashed = (fails || self.digests).then(|| run.hashed());
                let digest = hashed.as_ref().map(|run| run.hash.into()).unwrap_or_default();
                let failure = hashed.and_then(|run| Failure::of(seed, &run)).map(Box::new);
                Played { reached, virtual_time, digest, failure }
            }
            Err(error) => Played {
                reached: Reached::default(),
                virtual_time: Duration::ZERO,
                digest: Digest::default(),
                failure: Some(Box::new(Failure::of_error(seed, &error))),
            },
        }
    }
}

impl fmt::Debug for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = self.subject.name();
        f.debug_struct("Sweep")
            .field("options", &self.options)
            .field("backend", &self.backend)
            .field("subject", &subject)
            .field("digests", &self.digests)
            .finish()
    }
}
