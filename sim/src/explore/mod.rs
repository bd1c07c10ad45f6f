//! Exploring: seed after seed becomes a plan, is played and judged, on all cores, until something
//! fails.
//!
//! - [`seeds`]: which seeds, and how several machines share them.
//! - [`sweep`]: what is explored; one seed from plan to verdict.
//! - [`workers`]: the threads, each with a simulation of its own, and what can be seen of them meanwhile.
//! - [`failure`]: what went wrong with a seed: a violation, a panic, a hang.
//! - [`signature`]: a failure in three words, by which it is sorted and recognised.
//! - [`digest`]: one number for all runs of a sweep.
//! - [`counts`]: what a sweep has learnt, and how two of them add up.
//! - [`record`]: the same as JSON lines, for a machine to keep and [`merge`] to read.
//!
//! Nothing in here prints, and nothing in here reads a clock: how long something takes is for whoever
//! watches the workers.

pub mod counts;
pub mod digest;
pub mod failure;
pub mod merge;
pub mod record;
pub mod seeds;
pub mod signature;
pub mod sweep;
pub mod workers;

pub use signature::Signature;
