//! A run in one line of text, and the way back from it.
//!
//! - [`token`]: the line: where the plan is from, who was under test, what the audit hash was.
//! - [`source`]: where a plan is from, and the plan again.
//! - `pack`: a small plan inside a token.
//!
//! A token is checked before anything is played: one that is damaged, or that would give another
//! plan than it was made of, is refused with what to do instead. Whether the run is the same one is
//! known after it was played, and that is for whoever asked for it to tell.

mod pack;
pub mod source;
pub mod token;

pub use source::Source;
pub use token::{Token, TokenError};
