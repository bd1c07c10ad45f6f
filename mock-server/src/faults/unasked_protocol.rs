//! A subprotocol is chosen that nobody offered: a client must fail the handshake.

use serde::{Deserialize, Serialize};

use super::{Bend, Mischief, Occasion, Shape};
use crate::core::Now;

/// A subprotocol is chosen that nobody offered: a client must fail the handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UnaskedProtocol {}

impl Mischief for UnaskedProtocol {
    const ABOUT: &str = "chooses a subprotocol that was not offered";

    fn has_meaning_at(occasion: Occasion) -> bool {
        occasion == Occasion::Handshake
    }

    fn bend(&self, _: Now) -> Bend {
        Bend::shaped(Shape::UnaskedProtocol)
    }
}
