//! The fault `bandwidth`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Makes the connection slow in both directions from this request on, a socket on it too.
    "bandwidth" => Bandwidth at HTTP {
        /// How many bytes pass in a second.
        bytes_per_second as "bytesPerSecond": u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::SlowConnection(self.bytes_per_second))
    }
}
