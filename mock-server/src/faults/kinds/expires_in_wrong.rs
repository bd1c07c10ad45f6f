//! The fault `expires-in-wrong`.

use crate::core::Now;
use crate::faults::{Distortion, GRANTS, Outcome, fault};

fault! {
    /// Lets the token live as ever, and says something else.
    "expires-in-wrong" => ExpiresInWrong at GRANTS {
        /// What `expiresIn` says.
        seconds: u64,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::ExpiresIn(self.seconds))
    }
}
