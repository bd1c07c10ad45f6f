//! The one event log, and what is made of it.
//!
//! - [`event`]: what an [`Event`] is.
//! - [`reports`]: what a client reports and its user asks for; [`conditions`]: faults, hosts, cuts.
//! - `message`: the names of messages.
//! - [`log`]: the growing log, the names it gives to messages, and the audit hash.
//! - [`tap`]: bytes on a stream become requests, answers and frames.
//! - `websocket`: the frame decoder of the tap.
//! - [`browser`]: which tabs run, which are seen, who holds the connection.
//! - [`text`]: one event as a line of JSON, and what it says in a few words.
//! - [`state`]: every machine at one moment.
//! - [`diagram`]: the ASCII space-time diagram, [`tab_lanes`] that of a log with tabs; `rows` are
//!   their rows, `notes` what stands beside them, `journeys` pairs what leaves with what arrives, `links` knows whose connection is
//!   whose, `fold` shortens what repeats, `line` draws.
//!
//! Oracles, snapshots and diagrams read the log and nothing else.

pub mod browser;
pub mod conditions;
pub mod diagram;
pub mod event;
pub mod fold;
pub mod journeys;
mod line;
mod links;
pub mod log;
mod message;
pub mod notes;
pub mod reports;
pub mod rows;
pub mod state;
pub mod tab_lanes;
pub mod tap;
pub mod text;
mod websocket;

pub use event::{End, Endpoint, Event, Frame, Kind, Lane, Life};
pub use log::{AuditHash, Log};
pub use message::Message;
