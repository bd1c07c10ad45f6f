//! The fault `ping-ignored`.

use crate::core::Now;
use crate::faults::{Outcome, PINGS, fault};

fault! {
    /// Does not answer a ping.
    "ping-ignored" => PingIgnored at PINGS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Ignore
    }
}
