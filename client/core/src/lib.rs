//! What a client decides, with no I/O, no clock, no entropy and no actors.
//!
//! Every machine is `fn on(&mut self, now, input, out)` plus `fn next_deadline(&self)`; effects are
//! data. Map of the crate:
//!
//! - [`engine`]: one client, of which a shell only does the I/O. **Start here.**
//! - [`session`]: one socket, one guest, one reconnect flow.
//! - [`credentials`], `identity`: the guest, and how its token is kept good.
//! - [`outbox`]: one message in flight. [`inbound`]: what is shown, once and in order.
//! - [`coordinator`]: many tabs, one guest.
//! - [`close_codes`], [`statuses`], [`request_error`]: what a server's no means.
//! - [`backoff`], [`health`], [`rate`], [`retry_after`], [`waits`]: the parts they are made of.
//! - [`machines`]: the machines of one client, ready to go on from what was saved.
//! - [`journal`], [`store`]: what survives a restart, as entries and as records.
//! - [`profile`]: the surface of a server as text: paths, bodies, frames.
//! - [`config`], [`time`], [`types`]: what everybody shares.

//!
//! The loop of every shell:
//!
//! ```
//! use holdline_core::config::Config;
//! use holdline_core::credentials::Issued;
//! use holdline_core::engine::{Engine, Output, Request};
//! use holdline_core::journal::Saved;
//! use holdline_core::session::Input;
//! use holdline_core::time::Now;
//!
//! let mut now = Now::default(); // both clocks, read by the shell
//! let (mut engine, _ids) = Engine::new(Config::default(), &Saved::default(), now);
//! let mut saved = Saved::default();
//! let mut dials = 0;
//! while dials == 0 {
//!     // 1. Carry out everything that it wants.
//!     while let Some(output) = engine.poll_output(now) {
//!         match output {
//!             Output::Call(Request::Create { op }) => {
//!                 // A real shell sends a request, and tells the answer when there is one.
//!                 let (instance, token) = ("guest-1".into(), "secret".into());
//!                 let issued = Issued { instance, token, expires_in_s: Some(3_600) };
//!                 engine.handle(Input::Created(op, Ok(issued)));
//!             }
//!             Output::Call(Request::Dial { .. }) => dials += 1,
//!             Output::Record(entry) => saved.apply(&entry),
//!             _ => {}
//!         }
//!     }
//!     // 2. Wait for news, or for its deadline.
//!     let Some(deadline) = engine.next_deadline() else { break };
//!     now.mono = deadline;
//!     engine.handle_timeout(now.mono);
//! }
//! assert_eq!(saved.guest.expect("it was recorded").instance, "guest-1");
//! ```

// State is one thing: what is written and never read does not compile. And nothing is printed.
#![deny(dead_code, unused_assignments)]
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod backoff;
pub mod close_codes;
pub mod config;
pub mod coordinator;
pub mod credentials;
pub mod engine;
pub mod health;
pub mod identity;
pub mod inbound;
pub mod journal;
pub mod machines;
pub mod outbox;
pub mod profile;
pub mod rate;
pub mod request_error;
pub mod retry_after;
pub mod session;
pub mod statuses;
pub mod store;
pub mod time;
pub mod types;
pub mod waits;
