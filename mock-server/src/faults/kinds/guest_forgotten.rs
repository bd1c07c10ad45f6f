//! The fault `guest-forgotten`.

use crate::core::Now;
use crate::faults::{Outcome, REQUESTS, fault};

fault! {
    /// Forgets every guest, and then handles the request.
    "guest-forgotten" => GuestForgotten at REQUESTS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Forget
    }
}
