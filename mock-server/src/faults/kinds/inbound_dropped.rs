//! The fault `inbound-dropped`.

use crate::core::Now;
use crate::faults::{AGENT_MESSAGES, Outcome, fault};

fault! {
    /// Loses the agent's message on its way to a socket; it is in the history.
    "inbound-dropped" => InboundDropped at AGENT_MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Ignore
    }
}
