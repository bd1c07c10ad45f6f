//! Many tabs, one guest: what a browser (or any other house of several clients) must lend.
//!
//! - [`Tab`]: the handle of one tab: connect, send, listen. **Start here.**
//! - [`Platform`]: what it is given.
//! - [`StateStore`]: what all tabs remember together; [`RedbStore`] is one in a file,
//!   [`MemoryStore`] one in memory.
//! - [`records`], [`stored`]: how what is remembered is written, and read.
//! - [`Bus`]: how they talk.
//! - [`TabLocks`]: which of them may lead.
//! - [`shell`]: what whoever runs a coordinator has to do.

mod bus;
mod handle;
mod locks;
mod memory_store;
#[cfg(feature = "file-store")]
mod redb_store;
pub mod shell;
mod store;

pub use crate::core::coordinator::{CoordinatorConfig, Life};
pub use crate::core::store::{Contents, StoreError, Write, number_of, numbered, records, stored};
pub use bus::{Bus, BusError, Listening};
pub use handle::{ConnectionState, Platform, Tab, TabBuilder};
pub use locks::{Ask, HeldLock, LocksError, TabLocks};
pub use memory_store::MemoryStore;
#[cfg(feature = "file-store")]
pub use redb_store::{RedbJournal, RedbStore};
pub use store::StateStore;
