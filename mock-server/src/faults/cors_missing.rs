//! The answer lacks the headers that let a page of another origin read it.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The answer lacks the headers that let a page of another origin read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorsMissing {}

impl Mischief for CorsMissing {
    const ABOUT: &str = "leaves the CORS headers away";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::NoCors)
    }
}
