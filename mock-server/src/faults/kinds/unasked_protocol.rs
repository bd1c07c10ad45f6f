//! The fault `unasked-protocol`.

use crate::core::Now;
use crate::faults::{Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Chooses a subprotocol that nobody offered: a client must fail the handshake (RFC 6455 4.1).
    "unasked-protocol" => UnaskedProtocol at HANDSHAKES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::UnaskedProtocol)
    }
}
