//! The acknowledgement of a socket frame comes twice. An HTTP request can only be answered once,
//! so it is neither hit nor counted.

use super::{Bend, Occasion};
use crate::core::Delivery;

pub(super) const NAME: &str = "ack doubled";

pub(super) fn bend() -> Bend {
    Bend::Handle(Delivery { copies: 2, ..Delivery::default() })
}

pub(super) fn has_meaning_at(occasion: Occasion) -> bool {
    occasion == Occasion::MessageBySocket
}
