//! The fault `hang-up`.

use crate::core::Now;
use crate::faults::{DROPPED, HTTP, Outcome, fault};

fault! {
    /// Ends the connection with FIN instead of handling the request.
    "hang-up" => HangUp at HTTP {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Close(DROPPED)
    }
}
