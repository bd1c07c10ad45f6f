//! From a plan that fails to the smallest plan that fails alike.
//!
//! - [`shrink`]: what can be dropped is dropped, what is left is made simple, until nothing more
//!   can be. **Start here.**
//! - `attempt`: a candidate, played: does it still fail alike?
//! - `parts`: steps, faults and tabs that are dropped, and what has to go with them.
//! - `moments`: times that come closer and become round.
//! - `values`: everything else that can be left out or be smaller.
//! - [`story`]: the result in words: what happens, and what each fault is needed for.
//!
//! "Alike" is the same [`Signature`]. Every candidate passes the check of plans. Nothing in here
//! knows the time: whoever asks says when to stop, and has the best plan so far.

mod attempt;
mod moments;
mod parts;
pub mod story;
mod values;

use thiserror::Error;

use crate::explore::Signature;
use crate::plan::Plan;
use crate::subjects::Subject;
use crate::world::run::{BackendKind, Run, RunError, run};

use attempt::Attempts;

/// What came of it.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// The smallest plan that was found.
    pub plan: Plan,
    /// How it fails, as the one that it was made of.
    pub signature: Signature,
    /// On which backend it was played.
    pub backend: BackendKind,
    /// Whether it was seen that no step, no fault and no tab of it can be dropped.
    pub is_minimal: bool,
    /// How many candidates were played.
    pub runs: u64,
}

/// Why there is nothing to shrink.
#[derive(Debug, Error)]
pub enum ShrinkError {
    /// It does not fail.
    #[error("the plan passes, so that there is nothing to shrink; give one that fails")]
    Passes,
    /// The network cannot play it.
    #[error(transparent)]
    Unplayable(RunError),
}

fn signature(played: &Result<Run, RunError>) -> Option<Signature> {
    played.as_ref().map_or_else(Signature::of_error, Signature::of)
}

/// Shrinks a plan that fails on a backend, as long as `go_on` is told so; it is asked before every run, with how
/// far it has come.
pub fn shrink(
    plan: &Plan,
    (subject, backend): (&dyn Subject, BackendKind),
    go_on: &dyn Fn(&Plan) -> bool,
) -> Result<Shrunk, ShrinkError> {
    let played = run(plan, subject, backend);
    if let Err(error @ RunError::Net(_)) = played {
        return Err(ShrinkError::Unplayable(error));
    }
    let signature = signature(&played).ok_or(ShrinkError::Passes)?;
    let mut attempts = Attempts::new(plan.clone(), (subject, backend), signature, go_on);
    if let Ok(run) = &played {
        parts::cut_after(&mut attempts, run);
    }
    // Whatever was made simple may leave something else without a use.
    loop {
        let before = attempts.best.clone();
        parts::drop_all(&mut attempts);
        values::simplify(&mut attempts);
        moments::simplify(&mut attempts);
        if attempts.best == before {
            break;
        }
    }
    let is_minimal = !attempts.stopped && parts::is_minimal(&mut attempts);
    let Attempts { best, signature, runs, .. } = attempts;
    Ok(Shrunk { plan: best, signature, backend, is_minimal, runs })
}
