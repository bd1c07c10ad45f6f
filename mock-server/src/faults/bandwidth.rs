//! From this request on its connection is slow in both directions, a socket on it too.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// From this request on its connection is slow in both directions, a socket on it too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Bandwidth {
    /// How many bytes pass in a second.
    pub bytes_per_second: u64,
}

impl Mischief for Bandwidth {
    const ABOUT: &str = "slows the connection down for good";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::SlowLine(self.bytes_per_second))
    }
}
