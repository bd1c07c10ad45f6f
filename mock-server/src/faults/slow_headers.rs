//! The answer, head and body, comes byte by byte.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The answer, head and body, comes byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlowHeaders {
    /// How many bytes pass in a second.
    pub bytes_per_second: u64,
}

impl Mischief for SlowHeaders {
    const ABOUT: &str = "answers at so many bytes a second, the head included";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::SlowLine(self.bytes_per_second))
    }
}
