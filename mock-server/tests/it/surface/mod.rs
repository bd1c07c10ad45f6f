//! The whole surface, on real loopback sockets with a real client, under a clock that only moves
//! when a test says so.

mod articles;
mod faults;
mod harness;
mod refusals;
mod rest;
mod sockets;
mod stopping;
