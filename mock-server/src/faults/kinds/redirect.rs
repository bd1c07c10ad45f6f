//! The fault `redirect`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Answers 307 to the same path with another slash; the request is not handled.
    "redirect" => Redirect at BODIES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Instead(Distortion::Redirect)
    }
}
