//! The connection ends with FIN instead of an answer; the request is not handled.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion};
use crate::core::Now;

/// The connection ends with FIN instead of an answer; the request is not handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HangUp {}

impl Mischief for HangUp {
    const ABOUT: &str = "ends the connection with FIN instead of handling the request";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_http()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::Close(1006)
    }
}
