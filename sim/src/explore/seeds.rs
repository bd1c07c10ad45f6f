//! Which seeds, and how several machines share them.
//!
//! A shard is one stretch of the seeds and not every n-th of them, so that what was covered can be
//! said in two numbers, and what was left out as well.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A sweep that ends by the clock draws from so many: more than all machines play in a year.
const ENDLESS: u64 = 1 << 48;

/// Seeds in a row, never none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seeds {
    from: u64,
    to: u64,
}

/// Why a text names no seeds.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoSeeds {
    /// Not a number and no range.
    #[error("`{0}` names no seeds; write a number of them, like 1000, or a range, like 500..1500")]
    Unreadable(String),
    /// Nothing in it.
    #[error("`{0}` has no seed in it: the end of a range is not part of it; write 7..8 for seed 7")]
    Empty(String),
    /// The end comes first.
    #[error("`{from}..{to}` runs backwards; write {to}..{from}")]
    Backwards {
        /// Where it begins.
        from: u64,
        /// Where it ends.
        to: u64,
    },
}

impl Seeds {
    /// More than anybody will play.
    pub const ENDLESS: Self = Self { from: 0, to: ENDLESS };

    /// These; `None` where there are none.
    #[must_use]
    pub fn new(range: Range<u64>) -> Option<Self> {
        (range.start < range.end).then_some(Self { from: range.start, to: range.end })
    }

    /// The first of them, and the first that is not one of them.
    #[must_use]
    pub fn range(self) -> Range<u64> {
        self.from..self.to
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> u64 {
        self.to - self.from
    }

    /// Never.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }

    /// What one machine of several plays of them; nothing where there are more machines than seeds.
    #[must_use]
    pub fn shard(self, shard: Shard) -> Range<u64> {
        let edge = |part: u32| {
            let offset = u128::from(self.len()) * u128::from(part) / u128::from(shard.of);
            self.from + offset as u64
        };
        edge(shard.index)..edge(shard.index + 1)
    }
}

impl FromStr for Seeds {
    type Err = NoSeeds;

    fn from_str(text: &str) -> Result<Self, NoSeeds> {
        let (from, to) = text.split_once("..").unwrap_or(("0", text));
        match (from.parse(), to.parse()) {
            (Ok(from), Ok(to)) if from < to => Ok(Self { from, to }),
            (Ok(from), Ok(to)) if from == to => Err(NoSeeds::Empty(text.to_owned())),
            (Ok(from), Ok(to)) => Err(NoSeeds::Backwards { from, to }),
            _ => Err(NoSeeds::Unreadable(text.to_owned())),
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.from, self.to)
    }
}

impl From<Seeds> for String {
    fn from(seeds: Seeds) -> Self {
        seeds.to_string()
    }
}

impl TryFrom<String> for Seeds {
    type Error = NoSeeds;

    fn try_from(text: String) -> Result<Self, NoSeeds> {
        text.parse()
    }
}

/// One machine of several, counted from 0 as the indices of an indexed job and of a matrix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// Which one, from 0.
    pub index: u32,
    /// Of how many.
    pub of: u32,
}

/// Why a text names no shard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no shard; write i/n with i from 0 to n - 1, like 0/4 for the first of four")]
pub struct NoShard(String);

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self { index: 0, of: 1 };
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').unwrap_or(("", ""));
        match (index.parse(), of.parse()) {
            (Ok(index), Ok(of)) if index < of => Ok(Self { index, of }),
            _ => Err(NoShard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl TryFrom<String> for Shard {
    type Error = NoShard;

    fn try_from(text: String) -> Result<Self, NoShard> {
        text.parse()
    }
}
