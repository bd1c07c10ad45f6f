//! The three runs of a known bug, and whether they show what the entry claims.
//!
//! A claim is only as good as its opposite: that the published client fails says nothing unless it
//! passes without the defect, and that ours passes says nothing unless the plan can be failed.

use std::fmt;

use thiserror::Error;

use super::Bug;
use crate::oracle::Violation;
use crate::subjects::Subject;
use crate::subjects::holdline::Holdline;
use crate::subjects::published::Published;
use crate::subjects::published::defect::{Defect, Defects};
use crate::world::run::{BackendKind, Run, RunError, run};

/// What came of the runs.
#[derive(Debug)]
pub struct Proof {
    /// The published client with the defect alone; none where no defect shows the bug.
    pub red: Option<(Defect, Result<Run, RunError>)>,
    /// The published client without any defect, played where there is one to compare with.
    pub without: Option<Result<Run, RunError>>,
    /// The client of this house.
    pub ours: Result<Run, RunError>,
}

/// A claim of an entry that its runs do not bear out.
#[derive(Debug, Error)]
pub enum WrongClaim {
    /// The defect does not show as it is said to.
    #[error("published with {defect} alone must violate {oracle}, but {found}")]
    NotRed {
        /// Which.
        defect: Defect,
        /// The oracle that should have found it.
        oracle: &'static str,
        /// What was found instead.
        found: Found,
    },
    /// The plan asks too much of any client, or something else is wrong with the published one.
    #[error("published without defects must pass, but {0}")]
    WithoutNotGreen(Found),
    /// We have it.
    #[error("holdline must pass, but {0}")]
    OursNotGreen(Found),
}

/// What the oracles said in one run.
#[derive(Debug)]
pub struct Found(String);

impl Found {
    fn of(result: &Result<Run, RunError>) -> Self {
        Self(match result {
            Err(error) => error.to_string(),
            Ok(run) => match &run.violations[..] {
                [] => "no oracle found anything".into(),
                [only] => only.to_string(),
                [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
            },
        })
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Bug {
    /// Plays its plan with everybody it says something about.
    #[must_use]
    pub fn prove(&self) -> Proof {
        let play = |subject: &dyn Subject| run(&self.plan, subject, BackendKind::Event);
        let published = |defects| play(&Published::new(defects));
        Proof {
            red: self.defect.map(|defect| (defect, published(Defects::only(defect)))),
            without: self.defect.map(|_| published(Defects::none())),
            ours: play(&Holdline),
        }
    }

    /// Every claim that the runs do not bear out.
    #[must_use]
    pub fn wrong_claims(&self, proof: &Proof) -> Vec<WrongClaim> {
        let mut wrong = Vec::new();
        if let Some((defect, result)) = &proof.red
            && self.shown_in(result).is_none()
        {
            let (defect, oracle) = (*defect, self.oracle);
            wrong.push(WrongClaim::NotRed { defect, oracle, found: Found::of(result) });
        }
        let green = |result: &Result<Run, RunError>| {
            result.as_ref().is_ok_and(|run| run.violations.is_empty())
        };
        let without = proof.without.as_ref().filter(|result| !green(result));
        wrong.extend(without.map(|result| WrongClaim::WithoutNotGreen(Found::of(result))));
        if !green(&proof.ours) {
            wrong.push(WrongClaim::OursNotGreen(Found::of(&proof.ours)));
        }
        wrong
    }

    /// The violation that shows it in a run.
    #[must_use]
    pub fn shown_in<'a>(&self, result: &'a Result<Run, RunError>) -> Option<&'a Violation> {
        let run = result.as_ref().ok()?;
        run.violations.iter().find(|violation| violation.oracle == self.oracle)
    }
}
