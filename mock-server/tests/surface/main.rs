//! The whole surface, on real loopback sockets with a real client, under a clock that only moves
//! when a test says so.

mod articles;
mod faults;
#[path = "../shared/frames.rs"]
mod frames;
mod harness;
mod refusals;
mod rest;
#[path = "../shared/silence.rs"]
mod silence;
mod sockets;
mod stopping;
