//! Placeholder.
pub mod net;
