//! How a cloud speaks on the wire. A profile turns bytes into commands of the core, and its answers and
//! pushes into bytes; it refuses to decide anything.

pub mod articles;
