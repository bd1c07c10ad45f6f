//! The fault `connection-silent`.

use crate::core::Now;
use crate::faults::{CONNECTIONS, Outcome, fault};

fault! {
    /// Accepts a connection, of whatever tenant, and never answers on it.
    "connection-silent" => ConnectionSilent at CONNECTIONS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Ignore
    }
}
