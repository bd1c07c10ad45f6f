//! The fault `frame-not-utf8`.

use crate::core::Now;
use crate::faults::{Distortion, FRAMES, Outcome, fault};

fault! {
    /// Sends a text frame that is not UTF-8: a client must fail the connection (RFC 6455 8.1).
    "frame-not-utf8" => FrameNotUtf8 at FRAMES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::NotUtf8)
    }
}
