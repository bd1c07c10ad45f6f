//! The socket ends some time after it was opened, under traffic or not.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The socket ends some time after it was opened, under traffic or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CutAfter {
    /// How long it lives.
    #[serde(with = "super::span")]
    pub after: Duration,
    /// The close code; 1006 drops it.
    #[serde(default = "super::dropped")]
    pub code: u16,
}

impl Mischief for CutAfter {
    const ABOUT: &str = "ends the socket some time after its handshake";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::EndAfter(self.after, self.code))
    }
}
