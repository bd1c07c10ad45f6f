//! The fault `wrong-accept-key`.

use crate::core::Now;
use crate::faults::{Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Answers the handshake with a wrong `Sec-WebSocket-Accept`: a client must fail it (RFC 6455 4.1).
    "wrong-accept-key" => WrongAcceptKey at HANDSHAKES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::WrongKey)
    }
}
