//! The fault `ack-without-id`.

use crate::core::Now;
use crate::faults::{Distortion, MESSAGES, Outcome, fault};

fault! {
    /// Acknowledges without an id.
    "ack-without-id" => AckWithoutId at MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::WithoutId)
    }
}
