//! The four defects of the articles that show in no run, held on our own client: A34, state that is
//! written and never read; A36, credentials and texts where they do not belong; A37, endpoints that
//! are nobody's; B31, the access token in the page.
//!
//! What a compiler can hold is not repeated here: the client denies dead code and printing.

mod one_state;
mod secrets;
mod sources;
mod spied;
mod surface;
