//! The frame is padded with blanks, which JSON allows.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The frame is padded with blanks, which JSON allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameHuge {
    /// Length in bytes, 4 MiB at most.
    pub bytes: u64,
}

impl Mischief for FrameHuge {
    const ABOUT: &str = "makes the frame that long";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Huge(self.bytes))
    }
}
