//! Placeholder.
pub mod net;
pub mod trace;
