//! The surfaces that servers have, each as paths and text; nothing else in this crate knows JSON of
//! a server.

pub mod articles;
