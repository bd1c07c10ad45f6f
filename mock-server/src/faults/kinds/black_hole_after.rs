//! The fault `black-hole-after`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Lets nothing pass on the socket from some moment on, and leaves it open: a half-open connection.
    "black-hole-after" => BlackHoleAfter at HANDSHAKES {
        /// How long the socket works.
        after: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::BlackHoleAfter(self.after))
    }
}
