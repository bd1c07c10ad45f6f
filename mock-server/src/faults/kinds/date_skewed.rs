//! The fault `date-skewed`.

use std::time::Duration;

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Dates the answer in the future, as a server does whose clock is wrong.
    "date-skewed" => DateSkewed at BODIES {
        /// How far ahead.
        ahead: Duration,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::Skewed(self.ahead))
    }
}
