//! The fault `slow-body`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Sends the head at once and the body in portions.
    "slow-body" => SlowBody at BODIES {
        /// Bytes of a portion.
        bytes: u64,
        /// The pause between two portions.
        every: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::SlowBody { bytes: self.bytes, every: self.every })
    }
}
