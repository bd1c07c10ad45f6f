//! What stands on the network: client, proxy and cloud, and the director who makes things happen.
//!
//! - [`run`]: from a plan to a judged run. **Start here.**
//! - [`director`]: how a plan is played, on whatever [`stage`]; [`timetable`]: its steps and faults in order
//!   of time; `link_faults`: how a fault becomes lost, held or late packets.
//! - `simulated`: the stage with sockets.
//! - `site`: the tabs of a [browser](holdline_browser) on one host, as the director handles them.
//! - `user`: the one client, or the browser: whoever the plan's steps are done to.
//! - `cloud`: the mock cloud as a host.
//! - `pure`: the same without sockets, one loop and no waiting.
//! - `proxy`: a TCP proxy that cuts, swallows, slices and waits.
//! - `logged`: what plan and cloud say of the world, in the terms of the log.
//! - `expect`: the numbers that a plan expects at the end.
//! - `panics`: a panic in any task fails the run.

mod cloud;
pub mod director;
pub(crate) mod expect;
mod link_faults;
mod logged;
mod panics;
mod progress;
mod proxy;
mod pure;
pub mod run;
mod simulated;
mod site;
pub mod stage;
pub mod timetable;
mod user;

pub use crate::subjects::http::PORT;

use holdline_net::HostName;

/// The client's machine.
pub const CLIENT: HostName = "client";
/// The proxy.
pub const PROXY: HostName = "proxy";
/// The cloud.
pub const CLOUD: HostName = "cloud";
