//! The control API over real sockets: tenants, faults, journal, agent and clock.

mod agent;
mod documents;
mod expectations;
mod faults_http;
mod faults_rules;
mod faults_sockets;
#[path = "../shared/frames.rs"]
mod frames;
mod gate;
mod harness;
mod journal;
#[path = "../shared/silence.rs"]
mod silence;
mod tenants;
mod verdict;
