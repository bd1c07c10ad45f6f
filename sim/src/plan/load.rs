//! From a file to a checked plan. Every error names the file, the line and what would be right.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Expect, Plan, bundled, check, source, tabs};

/// The bundled plans are below 2 KiB; something longer is not a plan.
const LONGEST_BYTES: u64 = 1024 * 1024;

/// Why a plan cannot be used.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The file cannot be read.
    #[error("`{}`: {source}; {}", .path.display(), way_out(.source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Neither a file nor a bundled scenario.
    #[error("`{name}` is neither a file nor a bundled scenario; there are: {}", .known.join(", "))]
    UnknownScenario {
        /// What was asked for.
        name: String,
        /// The bundled ones.
        known: Vec<&'static str>,
    },
    /// The text is not a plan, or an impossible one.
    #[error("{name}:{line}: {message}\n{excerpt}")]
    Invalid {
        /// File or scenario.
        name: String,
        /// Where in it, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        message: String,
        /// The line itself, with the place marked.
        excerpt: String,
    },
}

impl Plan {
    /// The plan of that name: a file, or else a bundled scenario.
    pub fn named(name: &str) -> Result<Self, PlanError> {
        let path = Path::new(name);
        let is_file = path.extension().is_some_and(|extension| extension == "toml");
        match bundled::scenario(name) {
            Some(plan) if !path.exists() => plan,
            None if !path.exists() && path.components().count() == 1 && !is_file => {
                let known = bundled::SCENARIOS.iter().map(|(name, _)| *name).collect();
                Err(PlanError::UnknownScenario { name: name.to_owned(), known })
            }
            _ => Self::load(path),
        }
    }

    /// Whether no tab of its browser is ever open: nobody comes back then, whoever is under test.
    pub(crate) fn is_deserted(&self) -> bool {
        self.browser.is_some() && tabs::ever_open(self) == 0
    }

    /// Drops whatever the check finds impossible until it finds nothing; false where it cannot be
    /// helped so.
    pub(crate) fn mend(&mut self) -> bool {
        while let Err(slip) = check::check(self) {
            match slip.table {
                "step" => drop(self.steps.remove(slip.index)),
                "fault" => drop(self.faults.remove(slip.index)),
                "expect" if self.expect != Expect::default() => self.expect = Expect::default(),
                _ => return false,
            }
        }
        true
    }

    /// Reads and checks a file of at most 1 MiB.
    pub fn load(path: &Path) -> Result<Self, PlanError> {
        let text =
            read(path).map_err(|source| PlanError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&path.display().to_string(), &text)
    }

    /// Parses and checks a text; `name` goes into the errors.
    pub fn parse(name: &str, text: &str) -> Result<Self, PlanError> {
        let plan = source::read(name, text)?;
        check::check(&plan).map_err(|slip| source::point_at(name, text, slip))?;
        Ok(plan)
    }

    /// Parses and checks a text that has a plan as its table `[plan]`, below a head that gives it
    /// title and story.
    pub(crate) fn parse_inner<Head: DeserializeOwned>(
        name: &str,
        text: &str,
    ) -> Result<(Head, Self), PlanError> {
        let (head, plan) = source::read_inner(name, text)?;
        check::check(&plan).map_err(|slip| source::point_at(name, text, slip))?;
        Ok((head, plan))
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(LONGEST_BYTES + 1).read_to_string(&mut text)?;
    if read as u64 > LONGEST_BYTES {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "longer than 1 MiB"));
    }
    Ok(text)
}

fn way_out(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::IsADirectory => "name the plan files in it, like plans/*.toml",
        ErrorKind::InvalidData | ErrorKind::FileTooLarge => "a plan is a short UTF-8 text in TOML",
        ErrorKind::PermissionDenied => "make it readable for you",
        _ => "give a plan file, or a name out of `holdline run --list`",
    }
}
