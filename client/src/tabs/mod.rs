//! Many tabs, one guest: what a browser (or any other house of several clients) must lend.
//!
//! - [`StateStore`]: what all tabs remember together; [`RedbStore`] is one in a file.
//! - [`Bus`]: how they talk.
//! - [`TabLocks`]: which of them may lead.

mod bus;
mod locks;
pub mod records;
mod redb_store;
mod store;

pub use bus::{Bus, BusError, Listening};
pub use locks::{Ask, HeldLock, LocksError, TabLocks};
pub use redb_store::{RedbJournal, RedbStore};
pub use store::{Contents, StateStore, StoreError, Write, number_of, numbered};
