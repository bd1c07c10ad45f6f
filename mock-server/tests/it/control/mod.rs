//! The control API over real sockets: tenants, faults, journal, agent and clock.

mod agent;
mod documents;
mod expectations;
mod faults_http;
mod faults_rules;
mod faults_sockets;
mod gate;
mod harness;
mod journal;
mod tenants;
mod verdict;
