//! The fault `inbound-delayed`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{AGENT_MESSAGES, Delivery, Outcome, fault};

fault! {
    /// Sends the agent's message late; later ones may overtake it.
    "inbound-delayed" => InboundDelayed at AGENT_MESSAGES {
        /// How much later.
        by: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Handle(Delivery { delay: self.by, ..Delivery::default() })
    }
}
