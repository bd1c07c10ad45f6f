//! The fault `cut-after`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{DROPPED, Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Ends the socket some time after its handshake, under traffic or not.
    "cut-after" => CutAfter at HANDSHAKES {
        /// How long the socket lives.
        after: Duration,
        /// The close code; 1006 drops the connection without a close frame.
        code: u16 = DROPPED,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::EndAfter(self.after, self.code))
    }
}
