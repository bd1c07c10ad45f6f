//! What holds the house and the compiler does not see: which crate may know which, rooms without circles, files
//! that fit in a head, words that no source may use, and licences.
//!
//! Exceptions are named, each with its reason, and there are few.

mod arrows;
mod dependencies;
mod docs;
mod rooms;
mod sources;

pub(crate) use sources::{code, sources_of};
