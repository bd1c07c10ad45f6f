//! The fault `preflight-refused`.

use crate::core::{Now, Refusal};
use crate::faults::{Outcome, PREFLIGHTS, fault};

fault! {
    /// Refuses a preflight with 403.
    "preflight-refused" => PreflightRefused at PREFLIGHTS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Refuse(Refusal::new(
            403,
            "origin.not.allowed",
            "this refusal is a fault on purpose",
        ))
    }
}
