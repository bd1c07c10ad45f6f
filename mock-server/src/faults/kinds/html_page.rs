//! The fault `html-page`.

use crate::core::Now;
use crate::faults::{BODIES, Distortion, Outcome, fault};

fault! {
    /// Answers 200 and an HTML page instead of handling the request, as a captive portal does.
    "html-page" => HtmlPage at BODIES {}

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Instead(Distortion::HtmlPage)
    }
}
