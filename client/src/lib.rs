//! A resilient guest client for the Genesys Cloud web chat: nothing is lost, doubled, reordered or
//! sent too fast, and the client comes back.
//!
//! Map of the crate, from the outside in:
//!
//! - [`Client`] is the handle: start, send, listen, reconnect, shut down. **Start here.**
//! - [`Config`], [`Clock`], [`Journal`]: everything it is given; it takes nothing by itself.
//! - [`actors`]: thin actix shells, one around each of the three big machines.
//! - [`core`]: the crate `holdline-core`, pure; every decision is made there.
//! - [`tabs`]: many tabs, one guest: what a browser must lend, and the handle of a tab.
//! - [`transport`]: HTTP and WebSocket over awc, of the profile `articles`; nothing else
//!   knows them.
//!
//! The crate runs on one thread inside a tokio `LocalSet`; it needs no actix `System`.
//!
//! ```no_run
//! use futures_util::StreamExt;
//! use holdline_client::{Client, Config, GuestProfile};
//!
//! # async fn chat() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config {
//!     base_url: "https://cloud.example".into(),
//!     oauth_token: "token with the scope webchat:guest:write".into(),
//!     guest: GuestProfile { first_name: "Ada".into(), ..GuestProfile::default() },
//!     seed: 42, // from the operating system's entropy in production
//!     ..Config::default()
//! };
//! let client = Client::builder(config).start()?;
//! let mut events = client.events();
//! let receipt = client.send("hello");
//! println!("{} ended: {:?}", receipt.id(), receipt.await);
//! while let Some(event) = events.next().await {
//!     println!("{event}");
//! }
//! # Ok(()) }
//! ```

// State is one thing: what is written and never read does not compile. And nothing is printed.
#![deny(dead_code, unused_assignments)]
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)]

pub mod actors;
mod builder;
mod client;
mod clock;
mod config;
mod events;
mod journal;
mod receipt;
pub mod tabs;
pub mod transport;

pub use holdline_core as core;

pub use crate::builder::ClientBuilder;
pub use crate::client::Client;
pub use crate::clock::{Clock, Timers};
pub use crate::config::StartError;
pub use crate::core::backoff::BackoffConfig;
pub use crate::core::config::{Config, GuestProfile};
pub use crate::core::health::HealthConfig;
pub use crate::core::journal::{Entry, SEEN_LIFE, Saved, SavedMessage, SavedSeen};
pub use crate::core::machines::{Ids, Machines, TabMachines};
pub use crate::core::outbox::OutboxConfig;
pub use crate::core::rate::RateConfig;
pub use crate::core::session::SessionConfig;
pub use crate::core::time::{Instant, Now, Wall};
pub use crate::core::types::{
    Because, Event, Feature, Holder, Inbound, Notice, Outcome, Reason, State, TerminalReason, Why,
};
pub use crate::core::waits::{Call, Waits};
pub use crate::events::{EventStream, SUBSCRIBER_EVENTS_MAX};
pub use crate::journal::{Journal, JournalError, MemoryJournal, NoJournal};
pub use crate::receipt::Receipt;
pub use crate::transport::Http;
