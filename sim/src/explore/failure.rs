//! What went wrong with a seed, told apart: a promise that was broken, a client that did not come
//! back, a panic, a run that gets nowhere.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::signature::Signature;
use crate::oracle;
use crate::trace::AuditHash;
use crate::trace::diagram::excerpt;
use crate::world::run::{Run, RunError};

/// Rows of the diagram on either side of a violation.
const CONTEXT: usize = 8;

/// The sort of a failure, from the mildest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing was lost, but the client did not come back.
    Liveness,
    /// An invariant was violated.
    Violation,
    /// The run got nowhere: its time stood still.
    Hang,
    /// Something panicked.
    Crash,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Liveness => "did not come back",
            Self::Violation => "violated",
            Self::Hang => "hung",
            Self::Crash => "crashed",
        })
    }
}

/// A seed that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which one.
    pub seed: u64,
    /// What sort it is.
    pub verdict: Verdict,
    /// What it looks like.
    pub signature: Signature,
    /// The first thing that went wrong, in a sentence.
    pub text: String,
    /// The hash of its log; `None` where it has none.
    pub hash: Option<AuditHash>,
    /// The diagram around the first thing that went wrong.
    pub excerpt: String,
}

impl Failure {
    /// Of a run that was judged; `None` if it passed.
    #[must_use]
    pub fn of(seed: u64, run: &Run) -> Option<Self> {
        let first = run.violations.first()?;
        let only_late =
            run.violations.iter().all(|violation| violation.oracle == oracle::COMES_BACK);
        let others = run.violations.len() - 1;
        let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
        Some(Self {
            seed,
            verdict: if only_late { Verdict::Liveness } else { Verdict::Violation },
            signature: Signature::of_violation(first, &run.events),
            text: format!("{first}{more}"),
            hash: Some(run.hash),
            excerpt: excerpt(&run.events, first.event, CONTEXT),
        })
    }

    /// Of a run without a verdict.
    #[must_use]
    pub fn of_error(seed: u64, error: &RunError) -> Self {
        let text = error.to_string();
        match error {
            RunError::Crashed(message) => {
                Self::bare(seed, Verdict::Crash, Signature::crash(message), text)
            }
            RunError::Net(_) => Self::bare(seed, Verdict::Hang, Signature::hang("virtual"), text),
        }
    }

    /// Of a run whose thread is not heard of any more.
    #[must_use]
    pub fn unheard_of(seed: u64, text: String) -> Self {
        Self::bare(seed, Verdict::Hang, Signature::hang("wall"), text)
    }

    fn bare(seed: u64, verdict: Verdict, signature: Signature, text: String) -> Self {
        Self { seed, verdict, signature, text, hash: None, excerpt: String::new() }
    }
}
