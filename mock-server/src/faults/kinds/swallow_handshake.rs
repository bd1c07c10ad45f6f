//! The fault `swallow-handshake`.

use crate::core::Now;
use crate::faults::{HANDSHAKES, Outcome, fault};

fault! {
    /// Never answers the handshake.
    "swallow-handshake" => SwallowHandshake at HANDSHAKES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Ignore
    }

    fn label(&self) -> String {
        "handshake swallowed".to_owned()
    }
}
