//! One number for all runs of a sweep: whoever plays the same sweep, in whatever order and on however
//! many machines, has the same one, unless two runs of one plan part somewhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::trace::AuditHash;
use crate::trace::log::NoHash;

/// The sum of audit hashes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(u64);

impl Digest {
    /// With all runs of another.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }

    pub(super) fn from_number(number: u64) -> Self {
        Self(number)
    }

    pub(super) fn number(self) -> u64 {
        self.0
    }
}

/// Of one run.
impl From<AuditHash> for Digest {
    fn from(hash: AuditHash) -> Self {
        Self(hash.number())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = NoHash;

    fn try_from(text: String) -> Result<Self, NoHash> {
        AuditHash::from_str(&text).map(Self::from)
    }
}
