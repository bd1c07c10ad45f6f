//! The fault `silent-socket`.

use crate::core::Now;
use crate::faults::{Distortion, HANDSHAKES, Outcome, fault};

fault! {
    /// Opens the socket, handles its frames, and never sends one.
    "silent-socket" => SilentSocket at HANDSHAKES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Mute)
    }
}
