//! Holds nothing: the integration tests of the whole house are in `tests/`, the mutants in
//! `examples/mutants`, and the process that `tests/it/kill.rs` kills in `src/bin`.
