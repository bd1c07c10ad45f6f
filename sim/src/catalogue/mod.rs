//! The catalogue of known bugs: each with its story, the plan that shows it and the oracle that
//! speaks up.
//!
//! - [`Bug`]: one entry, a file in `fixtures/known-bugs`. Its plan is the table `[plan]`.
//! - [`BugId`]: `A14`, `B3`, `F1`: article 000, article 004, the field.
//! - [`bundled`]: the bugs that come with the command.
//! - [`Proof`]: the three runs that an entry claims something about.
//!
//! An entry claims three things: the published client fails its plan with that defect alone, passes
//! it without, and the client of this house passes it.

pub mod bundled;
mod id;
mod proof;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::oracle;
use crate::plan::{Plan, PlanError};
use crate::subjects::published::defect::{Defect, DefectError};

pub use id::BugId;
pub use proof::{Proof, WrongClaim};

/// The oracle that a plan carries itself, as its `[plan.expect]`.
const EXPECT: &str = "expect";

/// One known bug.
#[derive(Debug, Clone)]
pub struct Bug {
    /// Its id.
    pub id: BugId,
    /// One line: what the user sees.
    pub title: String,
    /// Where it is from: the article and the place in it, or the address of a report.
    pub source: String,
    /// One paragraph: how it comes about.
    pub story: String,
    /// The defect of the published client that shows it; none shows some bugs of the field.
    pub defect: Option<Defect>,
    /// Why no rebuilt client shows it, where there is no defect.
    pub no_red: Option<String>,
    /// The oracle that finds it.
    pub oracle: &'static str,
    /// What happens.
    pub plan: Plan,
}

/// What stands above the plan.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Head {
    id: BugId,
    title: String,
    source: String,
    story: String,
    #[serde(default, deserialize_with = "shown")]
    defect: Option<Defect>,
    #[serde(default)]
    no_red: Option<String>,
    oracle: Named,
    #[serde(rename = "plan")]
    _plan: IgnoredAny,
}

/// The id of an oracle there is.
struct Named(&'static str);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let known: Vec<&'static str> =
            oracle::all().iter().map(|oracle| oracle.id).chain([EXPECT]).collect();
        let found = known.iter().find(|id| **id == name);
        found.map(|id| Self(id)).ok_or_else(|| {
            let known = known.join(", ");
            D::Error::custom(format!("`{name}` is no oracle; there are: {known}"))
        })
    }
}

/// A defect that a run can show.
fn shown<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Defect>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.parse::<Defect>() {
        Ok(defect) if defect.is_static() => Err(D::Error::custom(DefectError::Static(defect))),
        Ok(defect) => Ok(Some(defect)),
        Err(error) => Err(D::Error::custom(error)),
    }
}

impl Bug {
    /// Parses and checks an entry; `name` goes into the errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        let (head, plan) = Plan::parse_inner::<Head>(name, text)?;
        let Head { id, title, source, story, defect, no_red, oracle, .. } = head;
        Ok(Self { id, title, source, story, defect, no_red, oracle: oracle.0, plan })
    }
}
