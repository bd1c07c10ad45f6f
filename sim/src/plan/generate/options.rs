//! What a sweep may choose about its plans: who is cast, and which kinds of faults may come.
//!
//! Options change what a seed gives as little as they can: a kind that is left out takes its faults
//! along, and everything else is drawn as before.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::plan::TABS_MAX;
use crate::plan::fault_kind::FaultKind;

/// What a seed alone does not say about a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Who is there.
    pub cast: Cast,
    /// What may go wrong.
    pub kinds: Kinds,
}

/// In one word without blanks, for tokens: `tabs=1..16,kinds=1fffff`, and nothing at all for what is
/// usual.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = Self::default();
        let tabs = (self.cast != usual.cast).then(|| format!("tabs={}", self.cast));
        let kinds = (self.kinds != usual.kinds).then(|| format!("kinds={:x}", self.kinds.bits()));
        f.write_str(&tabs.into_iter().chain(kinds).collect::<Vec<_>>().join(","))
    }
}

/// A word that stands for no options.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` stands for no options of a generator")]
pub struct NoOptions(String);

impl FromStr for Options {
    type Err = NoOptions;

    fn from_str(word: &str) -> Result<Self, NoOptions> {
        let mut options = Self::default();
        for part in word.split(',').filter(|_| !word.is_empty()) {
            let read = match part.split_once('=') {
                Some(("tabs", cast)) => cast.parse().map(|cast| options.cast = cast).ok(),
                Some(("kinds", bits)) => u32::from_str_radix(bits, 16)
                    .ok()
                    .and_then(Kinds::from_bits)
                    .map(|kinds| options.kinds = kinds),
                _ => None,
            };
            read.ok_or_else(|| NoOptions(word.to_owned()))?;
        }
        Ok(options)
    }
}

/// Who is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cast {
    /// One client on its machine.
    #[default]
    Single,
    /// A browser, with so many tabs at most; how many, each seed draws.
    Tabs {
        /// At least 1.
        least: u8,
        /// At most [`TABS_MAX`].
        most: u8,
    },
}

/// Why a text names no cast.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{0}` is no number of tabs; write one, like 5, or a range that includes both ends, like 1..16; \
     at most {TABS_MAX}, and 0 is one client without tabs"
)]
pub struct NoCast(String);

impl FromStr for Cast {
    type Err = NoCast;

    fn from_str(text: &str) -> Result<Self, NoCast> {
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        match (least.parse(), most.parse()) {
            (Ok(0), Ok(0)) => Ok(Self::Single),
            (Ok(least), Ok(most)) if 1 <= least && least <= most && most <= TABS_MAX => {
                Ok(Self::Tabs { least, most })
            }
            _ => Err(NoCast(text.to_owned())),
        }
    }
}

/// As it is asked for.
impl fmt::Display for Cast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single => f.write_str("0"),
            Self::Tabs { least, most } if least == most => write!(f, "{least}"),
            Self::Tabs { least, most } => write!(f, "{least}..{most}"),
        }
    }
}

/// A set of kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// Every kind.
    pub const ALL: Self = Self((1 << FaultKind::ALL.len()) - 1);

    /// These and no others.
    #[must_use]
    pub fn only(kinds: &[FaultKind]) -> Self {
        Self(kinds.iter().fold(0, |bits, kind| bits | bit(*kind)))
    }

    /// All but these.
    #[must_use]
    pub fn without(self, kinds: &[FaultKind]) -> Self {
        Self(self.0 & !Self::only(kinds).0)
    }

    /// Whether this kind may come.
    #[must_use]
    pub fn has(self, kind: FaultKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Those that may come, in their usual order.
    pub fn iter(self) -> impl Iterator<Item = FaultKind> {
        FaultKind::ALL.iter().copied().filter(move |kind| self.has(*kind))
    }

    /// One bit for each kind, in their usual order.
    #[must_use]
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The set of these bits; `None` where one of them stands for no kind.
    #[must_use]
    pub fn from_bits(bits: u32) -> Option<Self> {
        (bits & !Self::ALL.0 == 0).then_some(Self(bits))
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::ALL
    }
}

fn bit(kind: FaultKind) -> u32 {
    1 << kind as u32
}
