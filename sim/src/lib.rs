//! A deterministic world for chat clients: a simulated network, plans, oracles and traces.
//!
//! The map, in the order a run goes through it:
//!
//! | module | what it is |
//! |---|---|
//! | [`plan`] | the data that says what happens: steps and faults with their times |
//! | [`world`] | client, proxy and cloud on the network; [`world::run::run`] plays a plan. **Start here** |
//! | [`subjects`] | who is under test |
//! | `holdline_net` | the seam to the network and its backends, a crate of its own |
//! | [`trace`] | the one event log, its audit hash, the ASCII diagram |
//! | [`oracle`] | one file per invariant; reads the log and nothing else |
//! | [`catalogue`] | the known bugs, each with the plan that shows it |
//! | [`herd`] | what ten thousand clients do after an outage: schedules alone |
//! | [`replay`] | tokens: a line of text that plays a run again |
//! | [`shrink`] | from a plan that fails to the smallest that fails alike |
//! | [`marks`] | states that a sweep must reach; reads the log and nothing else |
//! | [`explore`] | seeds to plans to verdicts, on all cores |
//!
//! A run is a pure function of plan, subject and build: no wall clock, no entropy, no hash order.

pub mod catalogue;
pub mod explore;
pub mod herd;
pub mod marks;
pub mod oracle;
pub mod plan;
pub mod replay;
pub mod shrink;
pub mod subjects;
pub mod trace;
pub mod world;
