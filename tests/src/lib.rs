//! Holds nothing: the tests of the whole house are in `tests/it`, and the process that `tests/it/kill.rs` kills in
//! `src/bin`.
