//! Where a client remembers what survives a restart.
//!
//! It is synchronous on purpose: an entry is durable when `record` returns, and only then does the
//! client act on it.

use std::cell::RefCell;
use std::rc::Rc;

use thiserror::Error;

use crate::core::journal::{Entry, Saved};
use crate::core::types::Notice;
use crate::events::Hub;

/// A journal could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{detail}: free the space or fix the permissions; the client goes on in memory meanwhile")]
pub struct JournalError {
    /// What the storage said.
    pub detail: String,
}

/// Where a client remembers things. Implement it over a file, a database, or not at all.
pub trait Journal {
    /// Everything recorded so far, folded.
    fn load(&mut self) -> Result<Saved, JournalError>;

    /// Records one entry; it is durable on return.
    fn record(&mut self, entry: &Entry) -> Result<(), JournalError>;
}

/// Remembers nothing: a restarted client begins anew.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn load(&mut self) -> Result<Saved, JournalError> {
        Ok(Saved::default())
    }

    fn record(&mut self, _entry: &Entry) -> Result<(), JournalError> {
        Ok(())
    }
}

/// Remembers in memory; clones share, so a clone survives the client that writes to it.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal {
    saved: Rc<RefCell<Saved>>,
}

impl MemoryJournal {
    /// What is remembered now.
    #[must_use]
    pub fn saved(&self) -> Saved {
        self.saved.borrow().clone()
    }
}

impl Journal for MemoryJournal {
    fn load(&mut self) -> Result<Saved, JournalError> {
        Ok(self.saved())
    }

    fn record(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.saved.borrow_mut().apply(entry);
        Ok(())
    }
}

/// The journal as the client's parts share it: failures are reported and never stop anything.
#[derive(Clone)]
pub(crate) struct SharedJournal {
    journal: Rc<RefCell<Box<dyn Journal>>>,
    hub: Hub,
}

impl SharedJournal {
    pub(crate) fn new(journal: Box<dyn Journal>, hub: Hub) -> Self {
        Self { journal: Rc::new(RefCell::new(journal)), hub }
    }

    pub(crate) fn load(&self) -> Result<Saved, JournalError> {
        self.journal.borrow_mut().load()
    }

    pub(crate) fn record(&self, entry: &Entry) {
        let result = self.journal.borrow_mut().record(entry);
        if let Err(error) = result {
            tracing::warn!(%error, "journal");
            self.hub.notice(Notice::JournalFailed(error.detail));
        }
    }
}
