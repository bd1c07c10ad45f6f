//! The fault `silence`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Does not handle the request; its connection carries nothing any more in either direction.
    "silence" => Silence at HTTP {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Instead(Distortion::SilentConnection)
    }
}
