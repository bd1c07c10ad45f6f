//! The message is stored, and the socket ends before its acknowledgement. Only socket frames.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The message is stored, and the socket ends before its acknowledgement. Only socket frames.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CutAfterAccept {
    /// The close code; 1006 drops it.
    #[serde(default = "super::dropped")]
    pub code: u16,
}

impl Mischief for CutAfterAccept {
    const ABOUT: &str = "stores the message and ends the socket instead of acknowledging";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::MessageBySocket
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::EndInstead(self.code))
    }
}
