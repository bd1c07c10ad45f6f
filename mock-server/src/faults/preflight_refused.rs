//! A browser asks whether it may, and may not.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::{Now, Refusal};

/// A browser asks whether it may, and may not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreflightRefused {}

impl Mischief for PreflightRefused {
    const ABOUT: &str = "refuses a preflight with 403";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Preflight
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Refuse(Refusal::new(403, "origin.not.allowed", "this refusal is a fault on purpose"))
    }
}
