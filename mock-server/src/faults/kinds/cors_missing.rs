//! The fault `cors-missing`.

use crate::core::Now;
use crate::faults::{Distortion, HTTP, Outcome, fault};

fault! {
    /// Leaves away the headers that let a page of another origin read the answer.
    "cors-missing" => CorsMissing at HTTP {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::distort(Distortion::NoCors)
    }
}
