//! The fault `restart`.

use crate::core::Now;
use crate::faults::{Outcome, REQUESTS, fault};

fault! {
    /// Restarts the cloud, which does not handle the request: every socket ends with 1012.
    "restart" => Restart at REQUESTS {
        /// Whether guests and messages survive.
        memory: bool,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Restart { memory: self.memory }
    }
}
