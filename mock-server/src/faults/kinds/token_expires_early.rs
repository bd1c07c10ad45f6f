//! The fault `token-expires-early`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{Distortion, GRANTS, Outcome, fault};

fault! {
    /// Lets the granted token live shorter than it is said to.
    "token-expires-early" => TokenExpiresEarly at GRANTS {
        /// How long the token lives.
        after: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::TokenLives(self.after))
    }
}
