//! The core's tests, one binary: its engine against a server in memory.

mod engine;
