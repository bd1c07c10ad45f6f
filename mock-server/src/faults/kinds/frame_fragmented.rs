//! The fault `frame-fragmented`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Sends the frame in fragments (RFC 6455 5.4).
    "frame-fragmented" => FrameFragmented at FRAMES {
        /// How many, at least 2.
        parts: u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Fragmented(self.parts))
    }
}
