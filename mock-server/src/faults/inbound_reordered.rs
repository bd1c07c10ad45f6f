//! A message of the agent waits until the next frame has left.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// A message of the agent waits until the next frame has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InboundReordered {}

impl Mischief for InboundReordered {
    const ABOUT: &str = "lets the next frame overtake the agent's message";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Agent
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Reordered)
    }
}
