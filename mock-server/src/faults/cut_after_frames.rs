//! The socket ends after so many frames of the client; the last one is not handled.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The socket ends after so many frames of the client; the last one is not handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CutAfterFrames {
    /// How many it takes.
    pub frames: u64,
    /// The close code; 1006 drops it.
    #[serde(default = "super::dropped")]
    pub code: u16,
}

impl Mischief for CutAfterFrames {
    const ABOUT: &str = "ends the socket when so many frames have come";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::EndAfterFrames(self.frames, self.code))
    }
}
