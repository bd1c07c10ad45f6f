//! The one event log, and what is made of it.
//!
//! - [`event`]: what an [`Event`] is.
//! - [`log`]: the growing log, the names it gives to messages, and the audit hash.
//! - [`tap`]: bytes on a stream become requests, answers and frames.
//! - `websocket`: the frame decoder of the tap.
//! - [`diagram`]: the ASCII space-time diagram; `fold` shortens what repeats.
//!
//! Oracles, snapshots and diagrams read the log and nothing else.

pub mod diagram;
pub mod event;
mod fold;
pub mod log;
mod rows;
pub mod tap;
mod websocket;

pub use event::{End, Endpoint, Event, Frame, Kind, Lane, Life, Message};
pub use log::{AuditHash, Log};
