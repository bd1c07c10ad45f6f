//! A frame of a type that nobody knows comes first: a client must pass over it.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// A frame of a type that nobody knows comes first: a client must pass over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameUnknownType {}

impl Mischief for FrameUnknownType {
    const ABOUT: &str = "sends a frame of an unknown type before the right one";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::UnknownTypeFirst)
    }
}
