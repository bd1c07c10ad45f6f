//! The bugs that come with the command, so that it tells them from any folder.

use super::{Bug, BugId};
use crate::plan::PlanError;

/// Names its files, relative to `fixtures/known-bugs`, in the order they are listed.
macro_rules! bugs {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of every bundled bug.
        pub const BUGS: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../fixtures/known-bugs/", $name, ".toml")))),+
        ];
    };
}

// One line for each file, in three blocks: article 000, article 004, the field.
#[rustfmt::skip]
bugs![
    "f01",
];

/// Every bundled bug.
pub fn all() -> Result<Vec<Bug>, PlanError> {
    BUGS.iter().map(|(name, text)| Bug::parse(name, text)).collect()
}

/// The bundled bug of that id.
#[must_use]
pub fn bug(id: BugId) -> Option<Result<Bug, PlanError>> {
    let (name, text) = BUGS.iter().find(|(name, _)| *name == id.file_stem())?;
    Some(Bug::parse(name, text))
}
