//! The fault `frame-unknown-type`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Sends a frame of an unknown type first: a client must pass over it.
    "frame-unknown-type" => FrameUnknownType at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::UnknownTypeFirst)
    }
}
