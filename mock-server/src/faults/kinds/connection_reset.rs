//! The fault `connection-reset`.

use crate::core::Now;
use crate::faults::{CONNECTIONS, DROPPED, Outcome, fault};

fault! {
    /// Resets a connection as soon as it is accepted, of whatever tenant.
    "connection-reset" => ConnectionReset at CONNECTIONS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Close(DROPPED)
    }
}
