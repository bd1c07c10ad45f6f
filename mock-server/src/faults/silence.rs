//! The request is not handled, and its connection carries nothing any more in either direction.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The request is not handled, and its connection carries nothing any more in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Silence {}

impl Mischief for Silence {
    const ABOUT: &str = "lets the connection fall silent for good";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::instead(Shape::SilentLine)
    }
}
