//! The fault `ack-delayed`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{Delivery, Outcome, REQUESTS, fault};

fault! {
    /// Handles the request at once and answers later, perhaps when the client has given up on it;
    /// later answers may overtake it.
    "ack-delayed" => AckDelayed at REQUESTS {
        /// How much later.
        by: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Handle(Delivery { delay: self.by, ..Delivery::default() })
    }

    fn label(&self) -> String {
        format!("ack delayed by {} ms", self.by.as_millis())
    }
}
