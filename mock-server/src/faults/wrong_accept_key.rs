//! The handshake succeeds but for its proof: a client must fail it (RFC 6455 4.1).

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// The handshake succeeds but for its proof: a client must fail it (RFC 6455 4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WrongAcceptKey {}

impl Mischief for WrongAcceptKey {
    const ABOUT: &str = "answers the handshake with a wrong Sec-WebSocket-Accept";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::WrongKey)
    }
}
