//! The request is handled, and its answer cannot be parsed.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The request is handled, and its answer cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotJson {}

impl Mischief for NotJson {
    const ABOUT: &str = "answers with half a JSON document";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::NotJson)
    }
}
