//! A mock of the Genesys Cloud web chat that can misbehave on purpose.
//!
//! It speaks the `articles` profile: guests, token refresh, messages and history over REST, and a
//! socket. The same app serves real sockets and simulated streams.
//!
//! The map:
//!
//! | module | what it holds |
//! |---|---|
//! | [`core`] | the pure machine: guests, tokens, conversations, rate, expiry. No I/O, no clock |
//! | [`faults`] | one file per fault, and the layer of them around the core |
//! | [`profile`] | how the cloud speaks on the wire: bytes to commands, answers to bytes |
//! | `api` | the thin shells: one file per HTTP surface, and the socket actor |
//! | `cloud` | [`Cloud`], the handle that ties core, clock, observer and open sockets together |
//! | `clock` | [`Clock`], the one place where time is injected |
//! | `observer` | [`Observer`], who hears the ground truth |
//! | `serve` | real sockets: the accept loop and the streams under HTTP |
//! | `serve_cloud` | [`serve()`] and [`serve_until`], for one cloud alone |
//! | `mock_server` | [`MockServer`], the mock for who embeds it in tests |
//! | `worlds` | [`Mock`]: a world for each tenant, and what happens to a request before its handler |
//! | `journal` | what a world has seen, bounded |
//! | `verdict` | the server-side oracles, which judge while it happens |
//! | `admin` | the control API, `/__holdline/` |
//!
//! Everything below the line of `serve` runs on simulated streams as well, through [`routes`]; what is
//! listed from there on does not, and costs a simulation nothing.
//!
//! It refuses to know any client: both sides are held to `fixtures/wire/` instead.
//!
//! A test of a client starts one with [`MockServer::start`].

pub mod core;
pub mod faults;
pub mod profile;

mod admin;
mod api;
mod clock;
mod cloud;
mod journal;
mod mock_server;
mod observer;
mod serve;
mod serve_cloud;
mod verdict;
mod worlds;

pub use api::routes;
pub use clock::Clock;
pub use cloud::Cloud;
pub use core::{CloudConfig, CloudError, CloudEvent, End, Now, Route, StoredMessage};
pub use faults::{Endpoint, Fault, FaultError, FaultId, FaultLayer, FaultRule, RetryAfter};
pub use mock_server::{MockServer, MockServerBuilder};
pub use observer::Observer;
pub use serve::ServeConfig;
pub use serve_cloud::{serve, serve_until};
pub use worlds::{ControlAccess, Mock, MockConfig};
