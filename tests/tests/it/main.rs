//! Tests of the whole house, one binary: what needs more than one crate, and what holds the house itself.

mod browser_diagram;
mod browser_plans;
mod browser_runs;
mod herd;
mod house;
mod kill;
mod known_bugs;
mod mutants;
mod net_conformance;
mod oracles;
mod scenarios;
mod static_defects;
mod store_conformance;
mod tab_defects;
mod timeline;
