//! The fault `frame-binary`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Marks the frame as binary.
    "frame-binary" => FrameBinary at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Binary)
    }
}
