//! The request has its effect at once and the answer comes late, perhaps after the client gave up
//! on it. Later answers may overtake it.

use std::fmt;
use std::time::Duration;

use super::Bend;
use crate::core::Delivery;

pub(super) fn bend(by: Duration) -> Bend {
    Bend::Handle(Delivery { delay: by, ..Delivery::default() })
}

pub(super) fn name(by: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "ack delayed by {} ms", by.as_millis())
}
