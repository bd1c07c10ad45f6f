//! The fault `reset-after-accept`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Handles the request and ends the connection with RST instead of an answer.
    "reset-after-accept" => ResetAfterAccept at HTTP {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Reset)
    }
}
