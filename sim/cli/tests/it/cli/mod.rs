//! `holdline run` as strangers use it: the real binary, its output and its exit codes.

mod catalogue;
mod determinism;
mod exploring;
mod harness;
mod impossible;
mod interrupted;
mod misused;
mod replaying;
mod running;
mod selfcheck;
mod shrinking;
mod tokens;
