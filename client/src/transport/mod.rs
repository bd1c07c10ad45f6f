//! The wire of the articles' server over awc: paths, bodies, headers, frames.
//!
//! Nothing outside this folder knows HTTP, and nothing in it decides anything: it reports what came
//! back. Deadlines are the machines'; dropping a future here stops the request.
//!
//! The endpoints are those of the profile `articles`, all of them in
//! [`core::profile`](crate::core::profile), and not the vendor's.

mod http;
mod refusal;
pub(crate) mod rest;
pub(crate) mod socket;

pub use http::Http;
pub use refusal::Refused;
