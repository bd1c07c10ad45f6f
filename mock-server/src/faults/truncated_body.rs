//! The connection ends in the middle of the body that the head has announced.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The connection ends in the middle of the body that the head has announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TruncatedBody {
    /// Bytes that arrive.
    pub bytes: u64,
}

impl Mischief for TruncatedBody {
    const ABOUT: &str = "breaks the connection off after so many bytes of the body";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Truncated(self.bytes))
    }
}
