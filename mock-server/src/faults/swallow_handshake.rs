//! The handshake is read and never answered: the peer is connected to nobody.

use super::{Bend, Occasion};

pub(super) const NAME: &str = "handshake swallowed";

pub(super) fn bend() -> Bend {
    Bend::Ignore
}

pub(super) fn has_meaning_at(occasion: Occasion) -> bool {
    occasion == Occasion::Handshake
}
