//! The handshake is answered 200, as by a server that knows no WebSocket.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The handshake is answered 200, as by a server that knows no WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NoUpgrade {}

impl Mischief for NoUpgrade {
    const ABOUT: &str = "answers the handshake with 200";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::instead(Shape::HtmlPage)
    }
}
