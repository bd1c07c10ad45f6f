//! The fault `frames-coalesced`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Holds the frame back and sends it in one segment with the next one.
    "frames-coalesced" => FramesCoalesced at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Coalesced)
    }
}
