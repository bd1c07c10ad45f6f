//! The frame comes in fragments (RFC 6455 5.4).

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The frame comes in fragments (RFC 6455 5.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameFragmented {
    /// How many, at least 2.
    pub parts: u64,
}

impl Mischief for FrameFragmented {
    const ABOUT: &str = "splits the frame into fragments";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Fragmented(self.parts))
    }
}
