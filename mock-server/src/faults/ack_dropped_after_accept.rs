//! The request has its effect and the answer is lost: a message that is sent again under another
//! id is in the conversation twice.

use super::Bend;
use crate::core::Delivery;

pub(super) const NAME: &str = "ack dropped after accept";

pub(super) fn bend() -> Bend {
    Bend::Handle(Delivery { copies: 0, ..Delivery::default() })
}
