//! An open database: where transactions begin, and who is told when it must close.

use std::rc::Rc;

use super::batch::Live;
use super::{Batch, Idb, IdbError, Mode, Transaction, VersionChange};

/// An open database. Dropping it closes it.
pub struct Connection {
    idb: Idb,
    id: u64,
}

impl Connection {
    pub(super) fn new(idb: Idb, id: u64) -> Self {
        Self { idb, id }
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// What to do when somebody wants to upgrade. Without it, the other one stays blocked.
    pub fn on_version_change(&self, handler: impl Fn(VersionChange) + 'static) {
        if let Some(conn) = self.idb.0.origin.borrow_mut().conns.get_mut(&self.id) {
            conn.on_version_change = Some(Rc::new(handler));
        }
    }

    /// What to do when the browser closes it.
    pub fn on_close(&self, handler: impl Fn() + 'static) {
        if let Some(conn) = self.idb.0.origin.borrow_mut().conns.get_mut(&self.id) {
            conn.on_close = Some(Rc::new(handler));
        }
    }

    /// Takes no new transaction from here, and is closed when those under way have ended.
    pub fn close(&self) {
        self.idb.change(|origin| origin.close(self.id));
    }

    /// Whether it takes transactions.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.idb.0.origin.borrow().conns.get(&self.id).is_some_and(|conn| !conn.closing)
    }

    /// A transaction whose requests are made one by one. Needs a `LocalSet`.
    pub fn transaction(&self, stores: &[&str], mode: Mode) -> Result<Transaction, IdbError> {
        self.begin(stores, mode).map(Transaction::start)
    }

    /// A transaction whose requests are made in one go. Its turn is taken now, by the order in
    /// which transactions are made.
    pub fn batch(&self, stores: &[&str], mode: Mode) -> Result<Batch, IdbError> {
        self.begin(stores, mode).map(Batch)
    }

    fn begin(&self, stores: &[&str], mode: Mode) -> Result<Live, IdbError> {
        let mut origin = self.idb.0.origin.borrow_mut();
        let closed = || IdbError::InvalidState("the connection is closed; open a new one".into());
        let conn = origin.conns.get(&self.id).filter(|conn| !conn.closing).ok_or_else(closed)?;
        if stores.is_empty() {
            return Err(IdbError::Type("a transaction needs at least one object store".into()));
        }
        let known = origin.dbs.get(&conn.db).map(|db| &db.stores);
        let missing = |store: &&&str| known.is_none_or(|known| !known.contains_key(**store));
        if let Some(missing) = stores.iter().find(missing) {
            return Err(IdbError::NotFound((*missing).into()));
        }
        let (agent, scope) = (conn.agent, stores.iter().map(|&store| store.into()).collect());
        let tx = origin.begin(self.id, scope, mode);
        Ok(Live::new(self.idb.clone(), agent, tx))
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.close();
    }
}
