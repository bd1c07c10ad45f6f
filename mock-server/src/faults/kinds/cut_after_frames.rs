//! The fault `cut-after-frames`.

use crate::core::Now;
use crate::faults::{DROPPED, Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Ends the socket when so many frames of the client have come; the last one is not handled.
    "cut-after-frames" => CutAfterFrames at HANDSHAKES {
        /// How many frames it takes.
        frames: u64,
        /// The close code; 1006 drops the connection without a close frame.
        code: u16 = DROPPED,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::EndAfterFrames(self.frames, self.code))
    }
}
