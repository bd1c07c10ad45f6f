//! The text of the frame is no UTF-8: a client must fail the connection (RFC 6455 8.1).

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The text of the frame is no UTF-8: a client must fail the connection (RFC 6455 8.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrameNotUtf8 {}

impl Mischief for FrameNotUtf8 {
    const ABOUT: &str = "sends a text frame that is not UTF-8";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion.is_frame()
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::NotUtf8)
    }
}
