//! The browser: what the tabs of one guest share.
//!
//! - [`idb`]: what `IndexedDB` stores.
//! - [`store`]: the client's `StateStore` over it.
//! - [`worker`]: the service worker.

pub mod idb;
pub mod store;
pub mod worker;
