//! The fault `ack-wrong-id`.

use crate::core::Now;
use crate::faults::{Distortion, MESSAGES, Outcome, fault};

fault! {
    /// Acknowledges a message that nobody sent.
    "ack-wrong-id" => AckWrongId at MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::WrongId)
    }
}
