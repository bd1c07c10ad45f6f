//! The acknowledgement names a message that nobody sent.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The acknowledgement names a message that nobody sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AckWrongId {}

impl Mischief for AckWrongId {
    const ABOUT: &str = "acknowledges another id";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_message()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::WrongId)
    }
}
