//! Many tabs, one guest: what a browser (or any other house of several clients) must lend.
//!
//! - [`StateStore`]: what all tabs remember together.
//! - [`Bus`]: how they talk.
//! - [`TabLocks`]: which of them may lead.

mod bus;
mod locks;
mod store;

pub use bus::{Bus, BusError, Listening};
pub use locks::{Ask, HeldLock, LocksError, TabLocks};
pub use store::{Contents, StateStore, StoreError, Write, number_of, numbered};
