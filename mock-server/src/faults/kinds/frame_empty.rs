//! The fault `frame-empty`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Sends an empty text frame first.
    "frame-empty" => FrameEmpty at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::EmptyFirst)
    }
}
