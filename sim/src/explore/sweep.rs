//! What is explored: one seed from plan to verdict.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

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
}

/// What came of one seed.
#[derive(Debug)]
pub struct Played {
    /// What it reached.
    pub reached: Reached,
    /// How much virtual time it took.
    pub virtual_time: Duration,
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
            Ok(run) => Played {
                reached: Reached::of(&run.events),
                virtual_time: run.virtual_time,
                // A hash is for those that are asked for again.
                failure: (!run.violations.is_empty())
                    .then(|| Failure::of(seed, &run.hashed()))
                    .flatten()
                    .map(Box::new),
            },
            Err(error) => Played {
                reached: Reached::default(),
                virtual_time: Duration::ZERO,
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
            .finish()
    }
}
