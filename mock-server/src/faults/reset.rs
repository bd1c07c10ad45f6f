//! The connection ends with RST instead of an answer; the request is not handled.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The connection ends with RST instead of an answer; the request is not handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reset {}

impl Mischief for Reset {
    const ABOUT: &str = "ends the connection with RST instead of handling the request";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::instead(Shape::Reset)
    }
}
