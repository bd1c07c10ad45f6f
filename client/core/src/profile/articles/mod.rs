//! The articles' server: its [`paths`], and the [`codec`] of its bodies and frames.
//!
//! **Neither is the vendor's.** The articles invented them; the real cloud's guests speak a WebSocket
//! API of their own.

pub mod codec;
pub mod paths;
