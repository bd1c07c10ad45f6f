//! What the house's own commands and its tests both read: the lists of mutants.

pub mod list;
