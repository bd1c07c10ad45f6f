//! The handshake succeeds, frames are read and handled, and nothing ever comes back.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The handshake succeeds, frames are read and handled, and nothing ever comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SilentSocket {}

impl Mischief for SilentSocket {
    const ABOUT: &str = "accepts the handshake and never sends a frame";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::Mute)
    }
}
