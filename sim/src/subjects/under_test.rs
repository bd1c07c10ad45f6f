//! Who is under test, as a command line names it: a subject, and the defects that it has.
//!
//! Refuses defects for a subject that has none to choose from.

use std::fmt;

use holdline_client::Config;
use thiserror::Error;

use super::holdline::Holdline;
use super::published::Published;
use super::published::defect::{DefectError, Defects};
use super::{PageProgram, Setting, Subject};
use holdline_net::Program;

/// One of the bundled subjects.
#[derive(Debug, Clone, Copy)]
pub enum UnderTest {
    /// The client of this house.
    Holdline,
    /// The clients of the articles.
    Published(Published),
}

/// Why nobody can be put under test.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnderTestError {
    /// No such subject.
    #[error("`{0}` is no subject; they are `holdline` and `published`")]
    Unknown(String),
    /// Defects of a subject without any.
    #[error("`{0}` has no defects to choose from; only `published` has")]
    NoDefects(&'static str),
    /// A defect that cannot be meant.
    #[error(transparent)]
    Defect(#[from] DefectError),
}

impl UnderTest {
    /// The subject called `name`, with the defects `with` (default: all) and not those of `without`,
    /// both lists like `A14,B3`.
    pub fn choose(
        name: &str,
        with: Option<&str>,
        without: Option<&str>,
    ) -> Result<Self, UnderTestError> {
        match name {
            "holdline" if with.is_none() && without.is_none() => Ok(Self::Holdline),
            "holdline" => Err(UnderTestError::NoDefects("holdline")),
            "published" => {
                let with = with.map_or(Ok(Defects::all()), str::parse)?;
                let without = without.map_or(Ok(Defects::none()), str::parse)?;
                Ok(Self::Published(Published::new(with.without(without))))
            }
            other => Err(UnderTestError::Unknown(other.to_owned())),
        }
    }

    fn subject(&self) -> &dyn Subject {
        match self {
            Self::Holdline => &Holdline,
            Self::Published(published) => published,
        }
    }
}

impl Subject for UnderTest {
    fn name(&self) -> &'static str {
        self.subject().name()
    }

    fn program(&self, setting: Setting) -> Program {
        self.subject().program(setting)
    }

    fn page(&self) -> PageProgram {
        self.subject().page()
    }

    fn machines(&self, setting: &Setting) -> Option<Config> {
        self.subject().machines(setting)
    }

    fn database(&self) -> &'static str {
        self.subject().database()
    }
}

/// Its name, and which defects it has where it does not have all.
impl fmt::Display for UnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Published(published) if published.defects() != Defects::all() => {
                write!(f, " (defects {})", published.defects())
            }
            _ => Ok(()),
        }
    }
}
