//! The fault `empty-body`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Handles the request and answers 200 without a body.
    "empty-body" => EmptyBody at BODIES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Empty)
    }
}
