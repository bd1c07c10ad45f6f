//! The head comes at once and the body in small portions.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The head comes at once and the body in small portions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlowBody {
    /// Bytes of a portion.
    pub bytes: u64,
    /// The pause between two.
    #[serde(with = "super::span")]
    pub every: Duration,
}

impl Mischief for SlowBody {
    const ABOUT: &str = "sends the body in portions";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.has_body()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::SlowBody { bytes: self.bytes, every: self.every })
    }
}
