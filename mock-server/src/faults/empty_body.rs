//! The request is handled, and its answer says nothing.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The request is handled, and its answer says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EmptyBody {}

impl Mischief for EmptyBody {
    const ABOUT: &str = "answers 200 without a body";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Empty)
    }
}
