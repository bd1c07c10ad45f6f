//! Holds nothing: the integration tests of the whole house are in `tests/`, the mutants in
//! `examples/mutants`.
