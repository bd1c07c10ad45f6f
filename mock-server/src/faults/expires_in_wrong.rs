//! The token lives as ever, and the answer says something else.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The token lives as ever, and the answer says something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExpiresInWrong {
    /// What `expiresIn` says.
    pub seconds: u64,
}

impl Mischief for ExpiresInWrong {
    const ABOUT: &str = "says another life of the token";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_grant()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::ExpiresIn(self.seconds))
    }
}
