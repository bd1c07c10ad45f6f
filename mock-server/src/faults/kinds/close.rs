//! The fault `close`.

use crate::core::Now;
use crate::faults::{DROPPED, Outcome, REQUESTS, fault};

fault! {
    /// Ends the connection instead of handling the request: a socket with this close code, a
    /// handshake after it was completed, a request over HTTP without a byte.
    "close" => Close at REQUESTS {
        /// The close code; 1006 drops the connection without a close frame.
        code: u16 = DROPPED,
    }

    fn decide(&self, _: Now) -> Outcome {
        Outcome::Close(self.code)
    }

    fn label(&self) -> String {
        match self.code {
            DROPPED => "connection dropped".to_owned(),
            code => format!("close {code}"),
        }
    }
}
