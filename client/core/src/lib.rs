//! What a client decides, with no I/O, no clock, no entropy and no actors.
//!
//! Every machine is `fn on(&mut self, now, input, out)` plus `fn next_deadline(&self)`; effects are
//! data. Map of the crate:
//!
//! - [`session`]: one socket, one guest, one reconnect flow. **Start here**, and go on with
//!   [`outbox`] (one message in flight) and [`inbound`] (what is shown, once and in order).
//! - [`coordinator`]: many tabs, one guest.
//! - [`backoff`], [`health`], [`rate`], [`retry_after`], [`waits`], [`answer`]: the parts they are
//!   made of.
//! - [`machines`]: the machines of one client, ready to go on from what was saved.
//! - [`journal`], [`store`]: what survives a restart, as entries and as records.
//! - [`profile`]: the surface of a server as text: paths, bodies, frames.
//! - [`config`], [`time`], [`types`]: what everybody shares.

// State is one thing: what is written and never read does not compile. And nothing is printed.
#![deny(dead_code, unused_assignments)]
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod answer;
pub mod backoff;
pub mod config;
pub mod coordinator;
pub mod health;
pub mod inbound;
pub mod journal;
pub mod machines;
pub mod outbox;
pub mod profile;
pub mod rate;
pub mod retry_after;
pub mod session;
pub mod store;
pub mod time;
pub mod types;
pub mod waits;
