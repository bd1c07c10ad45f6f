//! Which seeds: a number of them from 0 on, or a range.

use std::ops::Range;
use std::str::FromStr;

use thiserror::Error;

/// See the module's documentation; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Range<u64>);

/// Why a text names no seeds.
#[derive(Debug, Error)]
#[error("`{0}` names no seeds; write a number of them, like 1000, or a range, like 500..1500")]
pub(crate) struct NoSeeds(String);

impl Seeds {
    pub(crate) fn len(&self) -> u64 {
        self.0.end - self.0.start
    }
}

impl FromStr for Seeds {
    type Err = NoSeeds;

    fn from_str(text: &str) -> Result<Self, NoSeeds> {
        let (from, to) = text.split_once("..").unwrap_or(("0", text));
        match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if from < to => Ok(Self(from..to)),
            _ => Err(NoSeeds(text.to_owned())),
        }
    }
}
