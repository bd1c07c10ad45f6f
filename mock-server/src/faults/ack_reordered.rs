//! The acknowledgement waits until the next frame has left. Only socket frames.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The acknowledgement waits until the next frame has left. Only socket frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AckReordered {}

impl Mischief for AckReordered {
    const ABOUT: &str = "lets the next frame overtake the ack";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::MessageBySocket
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Reordered)
    }
}
