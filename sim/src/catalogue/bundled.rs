//! The bugs that come with the command, so that it tells them from any folder.

use std::path::Path;

use super::{Bug, BugId};
use crate::plan::{Plan, PlanError};

/// Names its files, relative to `fixtures/known-bugs`, in the order they are listed.
macro_rules! bugs {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every bundled bug.
        pub const BUGS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../fixtures/known-bugs/", $name, ".toml")))),+
        ];
    };
}

// Article 000, article 004, the field.
#[rustfmt::skip]
bugs![
    "a01", "a02", "a03", "a04", "a05", "a06", "a07", "a08", "a09", "a10",
    "a11", "a12", "a13", "a14", "a15", "a16", "a17", "a18", "a19", "a20",
    "a21", "a22", "a23", "a24", "a25", "a26", "a27", "a28", "a29", "a30",
    "a31", "a32", "a33", "a35",
    "b01", "b02", "b03", "b04", "b05", "b06", "b07", "b08", "b09", "b10",
    "b11", "b12", "b13", "b14", "b15", "b16", "b17", "b18", "b19", "b20",
    "b21", "b22", "b23", "b24", "b25", "b26", "b27", "b28", "b29", "b30",
    "f01", "f02", "f03", "f04", "f05", "f06", "f07", "f08", "f09", "f10",
    "f11", "f12", "f13",
];

/// Every bundled bug.
pub fn all() -> Result<Vec<Bug>, PlanError> {
    BUGS.iter().map(|(name, text)| Bug::parse(name, text)).collect()
}

/// The plan of that name: a file, a bundled scenario, or that of a known bug, like `A14`.
pub fn plan_named(name: &str) -> Result<Plan, PlanError> {
    let bug = name.parse().ok().filter(|_| !Path::new(name).exists()).and_then(bug);
    bug.map_or_else(|| Plan::named(name), |bug| Ok(bug?.plan))
}

/// The bundled bug of that id.
#[must_use]
pub fn bug(id: BugId) -> Option<Result<Bug, PlanError>> {
    let (name, text) = BUGS.iter().find(|(name, _)| *name == id.file_stem())?;
    Some(Bug::parse(name, text))
}
