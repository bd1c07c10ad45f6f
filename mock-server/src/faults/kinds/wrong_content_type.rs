//! The fault `wrong-content-type`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Calls a JSON body text/html.
    "wrong-content-type" => WrongContentType at BODIES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::WrongContentType)
    }
}
