//! The fault `ack-doubled`.

use crate::core::Now;
use crate::faults::{Delivery, Outcome, SOCKET_MESSAGES, fault};

fault! {
    /// Acknowledges a socket frame twice.
    "ack-doubled" => AckDoubled at SOCKET_MESSAGES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Handle(Delivery { copies: 2, ..Delivery::default() })
    }
}
