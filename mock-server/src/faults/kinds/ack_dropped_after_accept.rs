//! The fault `ack-dropped-after-accept`.

use crate::core::Now;
use crate::faults::{Delivery, Outcome, REQUESTS, fault};

fault! {
    /// Handles the request and never answers it: a message is stored, a guest exists. Sent again
    /// under another id, a message is in the conversation twice.
    "ack-dropped-after-accept" => AckDroppedAfterAccept at REQUESTS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Handle(Delivery { copies: 0, ..Delivery::default() })
    }
}
