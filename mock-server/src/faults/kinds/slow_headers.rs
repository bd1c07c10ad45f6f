//! The fault `slow-headers`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Answers at so many bytes a second, the head included.
    "slow-headers" => SlowHeaders at HTTP {
        /// How many bytes pass in a second.
        bytes_per_second as "bytesPerSecond": u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::SlowConnection(self.bytes_per_second))
    }
}
