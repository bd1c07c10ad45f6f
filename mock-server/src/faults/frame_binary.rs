//! The frame is marked as binary.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The frame is marked as binary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameBinary {}

impl Mischief for FrameBinary {
    const ABOUT: &str = "sends the frame as binary";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Binary)
    }
}
