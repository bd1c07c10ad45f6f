//! The frame waits for the next one, and both leave in one segment.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The frame waits for the next one, and both leave in one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FramesCoalesced {}

impl Mischief for FramesCoalesced {
    const ABOUT: &str = "sends the frame together with the next one";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Coalesced)
    }
}
