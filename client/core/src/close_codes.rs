//! The close-code policy: what the code of a socket's close frame means to the client. It is decided
//! nowhere else.
//!
//! | code | what it says | what the client does | source |
//! |---|---|---|---|
//! | 1000 | the server has no more to say | connects again | RFC 6455 7.4.1 |
//! | 1001, 1012, 1013 | the server restarts or is busy | connects again | RFC 6455 7.4.1, IANA |
//! | 1005, 1006 | no code, no close frame | connects again | RFC 6455 7.4.1 |
//! | 1008 | the client breaks a policy | ends: it would do so again | RFC 6455 7.4.1 |
//! | 4401 | the server has ended the session | ends: it is over for good | the articles' server |
//! | any other | something else | connects again | |

use crate::types::TerminalReason;

/// A normal end: what the client itself closes with.
pub const NORMAL: u16 = 1000;
/// Stands for a close frame without a code. It is never sent.
pub const NO_STATUS: u16 = 1005;
/// Stands for a connection that ended without a close frame. It is never sent.
pub const ABNORMAL: u16 = 1006;
const POLICY: u16 = 1008;
const SESSION_ENDED: u16 = 4401;

/// Why a socket that was closed with this code is the last one; `None` when the next may be opened.
#[must_use]
pub const fn terminal(code: u16) -> Option<TerminalReason> {
    match code {
        POLICY => Some(TerminalReason::Policy),
        SESSION_ENDED => Some(TerminalReason::SessionEnded),
        _ => None,
    }
}
