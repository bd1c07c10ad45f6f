//! The request has its effect, and the connection ends with RST instead of an answer.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The request has its effect, and the connection ends with RST instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResetAfterAccept {}

impl Mischief for ResetAfterAccept {
    const ABOUT: &str = "handles the request and ends the connection with RST";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Reset)
    }
}
