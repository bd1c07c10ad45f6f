//! The fault `frame-huge`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Pads the frame with blanks, which JSON allows.
    "frame-huge" => FrameHuge at FRAMES {
        /// Length in bytes, 4 MiB at most.
        bytes: u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Huge(self.bytes))
    }
}
