//! The socket stays open, and from some moment on nothing passes: a half-open connection.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The socket stays open, and from some moment on nothing passes: a half-open connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BlackHoleAfter {
    /// How long it works.
    #[serde(with = "super::span")]
    pub after: Duration,
}

impl Mischief for BlackHoleAfter {
    const ABOUT: &str = "lets the socket become a black hole";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::BlackHoleAfter(self.after))
    }
}
