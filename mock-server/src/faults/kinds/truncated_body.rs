//! The fault `truncated-body`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Breaks the connection off in the middle of the body that the head has announced.
    "truncated-body" => TruncatedBody at BODIES {
        /// How many bytes of the body leave.
        bytes: u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Truncated(self.bytes))
    }
}
