//! The cloud forgets every guest, and then handles the request.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// The cloud forgets every guest, and then handles the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuestForgotten {}

impl Mischief for GuestForgotten {
    const ABOUT: &str = "forgets every guest before it handles the request";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_request()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Forget
    }
}
