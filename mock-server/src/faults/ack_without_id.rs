//! The acknowledgement names no message at all.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The acknowledgement names no message at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AckWithoutId {}

impl Mischief for AckWithoutId {
    const ABOUT: &str = "acknowledges without an id";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_message()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::WithoutId)
    }
}
