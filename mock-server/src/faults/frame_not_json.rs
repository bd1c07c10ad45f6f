//! The frame is cut off in the middle.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The frame is cut off in the middle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameNotJson {}

impl Mischief for FrameNotJson {
    const ABOUT: &str = "sends half of the frame";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::NotJson)
    }
}
