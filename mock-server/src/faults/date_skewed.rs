//! The answer's `Date` is wrong, as with a server whose clock is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The answer's `Date` is wrong, as with a server whose clock is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DateSkewed {
    /// How far ahead.
    #[serde(with = "super::span")]
    pub ahead: Duration,
}

impl Mischief for DateSkewed {
    const ABOUT: &str = "dates the answer in the future";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Skewed(self.ahead))
    }
}
