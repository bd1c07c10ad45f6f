//! The request is lost before it has any effect: a message must be sent again or it is lost.

use super::Bend;

pub(super) const NAME: &str = "ack dropped before accept";

pub(super) fn bend() -> Bend {
    Bend::Ignore
}
