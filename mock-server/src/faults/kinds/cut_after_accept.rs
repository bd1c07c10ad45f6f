//! The fault `cut-after-accept`.

use crate::core::Now;
use crate::faults::{DROPPED, Distortion, Outcome, SOCKET_MESSAGES, fault};

fault! {
    /// Stores the message and ends the socket instead of acknowledging it.
    "cut-after-accept" => CutAfterAccept at SOCKET_MESSAGES {
        /// The close code; 1006 drops the connection without a close frame.
        code: u16 = DROPPED,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::EndInstead(self.code))
    }
}
