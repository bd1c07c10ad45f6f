//! The fault `pong-wrong`.

use crate::core::Now;
use crate::faults::{Distortion, Outcome, PINGS, fault};

fault! {
    /// Answers a ping with another payload (RFC 6455 5.5.3 wants the same).
    "pong-wrong" => PongWrong at PINGS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::WrongPong)
    }
}
