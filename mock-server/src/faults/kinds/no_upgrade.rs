//! The fault `no-upgrade`.

use crate::core::Now;
use crate::faults::{Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Answers the handshake with 200, as a server that knows no WebSocket.
    "no-upgrade" => NoUpgrade at HANDSHAKES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Instead(Distortion::HtmlPage)
    }
}
