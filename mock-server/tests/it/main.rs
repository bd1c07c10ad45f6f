//! The mock's tests, one binary: the core by hand, the surface and the control API over real sockets, and the app on
//! in-memory streams. `fuzz` and `half_open` stand beside it: they measure the memory of their process.

mod by_hand;
mod control;
mod core;
mod frames;
mod memory;
mod silence;
mod simulated;
mod surface;
