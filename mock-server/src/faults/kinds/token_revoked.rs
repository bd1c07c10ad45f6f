//! The fault `token-revoked`.

use crate::core::Now;
use crate::faults::{Distortion, GRANTS, Outcome, fault};

fault! {
    /// Grants a token that is unknown from the beginning.
    "token-revoked" => TokenRevoked at GRANTS {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::TokenRevoked)
    }
}
