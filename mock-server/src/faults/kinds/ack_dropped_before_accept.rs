//! The fault `ack-dropped-before-accept`.

use crate::core::Now;
use crate::faults::{Outcome, REQUESTS, fault};

fault! {
    /// Neither handles nor answers the request: a message is not stored, and is lost unless it is
    /// sent again.
    "ack-dropped-before-accept" => AckDroppedBeforeAccept at REQUESTS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Ignore
    }
}
