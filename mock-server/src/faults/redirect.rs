//! The request is sent elsewhere, which is the same place with a slash too many.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The request is sent elsewhere, which is the same place with a slash too many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Redirect {}

impl Mischief for Redirect {
    const ABOUT: &str =
        "answers 307 to the same path with another slash; the request is not handled";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::instead(Shape::Redirect)
    }
}
