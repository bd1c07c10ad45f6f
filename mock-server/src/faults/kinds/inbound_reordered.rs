//! The fault `inbound-reordered`.

use crate::core::Now;
use crate::faults::{AGENT_MESSAGES, Distortion, Outcome, fault};

fault! {
    /// Holds the agent's message back until the next frame has left.
    "inbound-reordered" => InboundReordered at AGENT_MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Reordered)
    }
}
