//! The cloud is restarted by this request, which it does not handle: every socket ends.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// The cloud is restarted by this request, which it does not handle: every socket ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Restart {
    /// Whether guests and messages survive.
    pub memory: bool,
}

impl Mischief for Restart {
    const ABOUT: &str = "restarts the cloud";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_request()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Restart { memory: self.memory }
    }
}
