//! The pure machines: what the client decides, with no I/O, no clock, no entropy and no actors.
//!
//! Every machine is `fn on(&mut self, now, input, out)` plus `fn next_deadline(&self)`; effects are
//! data. Start with [`session`] (one socket, one guest, one reconnect flow) and [`outbox`] (one
//! message in flight); the rest are the parts they are made of.

pub mod answer;
pub mod backoff;
pub mod coordinator;
pub mod health;
pub mod inbound;
pub mod outbox;
pub mod rate;
pub mod retry_after;
pub mod session;
pub mod time;
pub mod types;
pub mod waits;
