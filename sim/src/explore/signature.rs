//! What a failure looks like, in three words: two runs that fail with the same signature are taken
//! for the same bug.
//!
//! It is the first thing that went wrong and nothing else: what follows from it differs from run to
//! run. Which of several tabs it was is chance, so that a tab is a tab.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

use crate::oracle::Violation;
use crate::trace::{Event, Lane};
use crate::world::expect::EXPECT;
use crate::world::run::{Run, RunError};
use holdline_net::NetError;

/// The oracle of a panic.
const CRASH: &str = "crash";
/// The oracle of a run that gets nowhere.
const HANG: &str = "hang";
/// The lane of what is no event of a run.
const RUN: &str = "run";
/// The lane of a number that a plan expects: all that is told of it is the end of the log.
const PLAN: &str = "plan";

/// See the module's documentation. As a text: `no-loss/client/shut-down`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Signature {
    /// Who found it: the id of an oracle, `expect`, `crash` or `hang`.
    pub oracle: String,
    /// Whose event it shows at: `client`, `tab`, `proxy`, `cloud`, `net`; `run` without an event, and
    /// `plan` for what the plan expects.
    pub lane: String,
    /// The kind of that event, as a log names it: `shut-down`; where it crashed or hangs, or
    /// which expectation it is.
    pub kind: String,
}

/// Why a text is no signature.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no signature; one has three parts, like no-loss/client/shut-down")]
pub struct NoSignature(String);

impl Signature {
    /// Of a run that fails; `None` for one that passes.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        run.violations.first().map(|violation| Self::of_violation(violation, &run.events))
    }

    /// Of one violation in its log.
    #[must_use]
    pub fn of_violation(violation: &Violation, events: &[Event]) -> Self {
        if let Some(key) = violation.expectation {
            return Self { oracle: EXPECT.into(), lane: PLAN.into(), kind: key.into() };
        }
        let (lane, kind) = match events.get(violation.event) {
            Some(event) => (lane_of(event.lane), event.kind.name()),
            None => (RUN.to_owned(), "nothing".to_owned()),
        };
        Self { oracle: violation.oracle.to_owned(), lane, kind }
    }

    /// Of a run that has no verdict; `None` where its network cannot play the plan, which is
    /// nobody's failure.
    #[must_use]
    pub fn of_error(error: &RunError) -> Option<Self> {
        match error {
            RunError::Crashed(message) => Some(Self::crash(message)),
            RunError::Net(NetError::Stalled { .. }) => Some(Self::hang("virtual")),
            RunError::Net(_) => None,
        }
    }

    /// Of a panic, by the place that its message names.
    #[must_use]
    pub fn crash(message: &str) -> Self {
        Self { oracle: CRASH.to_owned(), lane: RUN.to_owned(), kind: place(message) }
    }

    /// Of a run that gets nowhere; `clock` says on which clock: `virtual` or `wall`.
    #[must_use]
    pub fn hang(clock: &str) -> Self {
        Self { oracle: HANG.to_owned(), lane: RUN.to_owned(), kind: clock.to_owned() }
    }
}

fn lane_of(lane: Lane) -> String {
    match lane {
        Lane::Tab(_) => "tab".to_owned(),
        lane => lane.to_string(),
    }
}

/// `session.rs:120` of a message that begins with `panicked at client/core/src/session.rs:120:9:`;
/// `somewhere` where it does not.
fn place(message: &str) -> String {
    let words = message.strip_prefix("panicked at ").and_then(|rest| rest.split(' ').next());
    let file = words.and_then(|place| place.rsplit(['/', '\\']).next());
    let mut parts = file.into_iter().flat_map(|file| file.split(':'));
    match (parts.next(), parts.next()) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        _ => "somewhere".to_owned(),
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.oracle, self.lane, self.kind)
    }
}

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        signature.to_string()
    }
}

impl FromStr for Signature {
    type Err = NoSignature;

    fn from_str(text: &str) -> Result<Self, NoSignature> {
        match text.split('/').collect::<Vec<_>>()[..] {
            [oracle, lane, kind] if ![oracle, lane, kind].contains(&"") => {
                Ok(Self { oracle: oracle.into(), lane: lane.into(), kind: kind.into() })
            }
            _ => Err(NoSignature(text.to_owned())),
        }
    }
}
