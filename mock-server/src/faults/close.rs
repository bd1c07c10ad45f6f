//! The connection ends instead of the request being handled.

use std::fmt;

use super::Bend;

pub(super) fn bend(code: u16) -> Bend {
    Bend::Close(code)
}

pub(super) fn name(code: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if code == 1006 { f.write_str("connection dropped") } else { write!(f, "close {code}") }
}
