//! The fault `inbound-doubled`.

use crate::core::Now;
use crate::faults::{AGENT_MESSAGES, Delivery, Outcome, fault};

fault! {
    /// Sends the agent's message twice.
    "inbound-doubled" => InboundDoubled at AGENT_MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Handle(Delivery { copies: 2, ..Delivery::default() })
    }
}
