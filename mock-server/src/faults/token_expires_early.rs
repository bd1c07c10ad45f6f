//! The token that is granted lives shorter than it is said to.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The token that is granted lives shorter than it is said to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenExpiresEarly {
    /// How long it lives.
    #[serde(with = "super::span")]
    pub after: Duration,
}

impl Mischief for TokenExpiresEarly {
    const ABOUT: &str = "lets the token expire early";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_grant()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::TokenLives(self.after))
    }
}
