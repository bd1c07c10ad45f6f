//! The fault `not-json`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Handles the request and answers with half a JSON document.
    "not-json" => NotJson at BODIES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::NotJson)
    }
}
