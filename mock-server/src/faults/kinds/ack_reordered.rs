//! The fault `ack-reordered`.

use crate::core::Now;
use crate::faults::{Distortion, Outcome, SOCKET_MESSAGES, fault};

fault! {
    /// Holds the acknowledgement of a socket frame back until the next frame has left.
    "ack-reordered" => AckReordered at SOCKET_MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Reordered)
    }
}
