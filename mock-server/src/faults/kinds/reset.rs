//! The fault `reset`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Ends the connection with RST instead of handling the request.
    "reset" => Reset at HTTP {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Instead(Distortion::Reset)
    }
}
