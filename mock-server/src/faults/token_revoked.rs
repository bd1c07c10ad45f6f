//! The token that is granted is unknown from the beginning.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The token that is granted is unknown from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRevoked {}

impl Mischief for TokenRevoked {
    const ABOUT: &str = "grants a token that is not valid";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_grant()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::TokenRevoked)
    }
}
