//! The fault `frame-not-json`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Sends the first half of the frame.
    "frame-not-json" => FrameNotJson at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::NotJson)
    }
}
