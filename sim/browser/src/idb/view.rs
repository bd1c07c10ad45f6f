//! The requests of a transaction, one by one and without waiting. Each does what it says at once, in
//! the transaction; whether it lasts is up to the commit.

use std::ops::{Bound, RangeBounds};

use super::data::ObjectStore;
use super::origin::{Origin, Tx};
use super::undo::Undo;
use super::{IdbError, Mode, StoreOptions};

/// What a transaction sees and may do.
pub struct View<'a> {
    pub(super) origin: &'a mut Origin,
    pub(super) tx: u64,
}

impl View<'_> {
    /// The value under a key.
    pub fn get(&self, store: &str, key: &str) -> Result<Option<&str>, IdbError> {
        Ok(self.store(store)?.1.records.get(key).map(String::as_str))
    }

    /// All records of a range, in order of their keys: a cursor that is followed to its end, for
    /// the delay of one request.
    pub fn cursor(
        &self,
        store: &str,
        range: impl RangeBounds<String>,
    ) -> Result<Vec<(String, String)>, IdbError> {
        let records = &self.store(store)?.1.records;
        if is_empty(&range) {
            return Ok(Vec::new());
        }
        Ok(records.range(range).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// Writes a record, new or not.
    pub fn put(&mut self, store: &str, key: &str, value: &str) -> Result<(), IdbError> {
        let (index, _) = self.writable(store)?;
        self.store(store)?.1.takes_explicit_keys()?;
        self.origin.write(self.tx, index, key, Some(value.into()));
        Ok(())
    }

    /// Writes a record that must be new.
    pub fn add(&mut self, store: &str, key: &str, value: &str) -> Result<(), IdbError> {
        self.must_be_new(store, key)?;
        self.put(store, key, value)
    }

    /// Writes a value that brings its key along, or gets the next number; returns its key.
    pub fn put_value(&mut self, store: &str, value: &str) -> Result<String, IdbError> {
        self.write_value(store, value, false)
    }

    /// The same, and the key must be new.
    pub fn add_value(&mut self, store: &str, value: &str) -> Result<String, IdbError> {
        self.write_value(store, value, true)
    }

    /// Removes a record, there or not.
    pub fn delete(&mut self, store: &str, key: &str) -> Result<(), IdbError> {
        let (index, exists) =
            self.writable(store).map(|(index, store)| (index, store.records.contains_key(key)))?;
        if exists {
            self.origin.write(self.tx, index, key, None);
        }
        Ok(())
    }

    fn write_value(&mut self, name: &str, value: &str, new: bool) -> Result<String, IdbError> {
        let (index, store) = self.writable(name)?;
        let before = store.last_number;
        let keyed = store.key_of(value)?;
        if new {
            self.must_be_new(name, &keyed.key)?;
        }
        if let Some(number) = keyed.number {
            self.tx_mut().undo.push(Undo::LastNumber { store: index, before });
            self.store_mut(name).last_number = number;
        }
        self.origin.write(self.tx, index, &keyed.key, Some(keyed.value));
        Ok(keyed.key)
    }

    fn must_be_new(&self, store: &str, key: &str) -> Result<(), IdbError> {
        if self.store(store)?.1.records.contains_key(key) {
            return Err(IdbError::Constraint { what: "key", name: key.into() });
        }
        Ok(())
    }

    /// An object store of the scope, and its place in it.
    fn store(&self, name: &str) -> Result<(usize, &ObjectStore), IdbError> {
        let tx = &self.origin.txs[&self.tx];
        let index = tx.scope.iter().position(|store| store == name);
        let store = self.origin.dbs.get(&tx.db).and_then(|db| db.stores.get(name));
        index.zip(store).ok_or_else(|| IdbError::NotFound(name.into()))
    }

    fn writable(&self, name: &str) -> Result<(usize, &ObjectStore), IdbError> {
        let found = self.store(name)?;
        match self.origin.txs[&self.tx].mode {
            Mode::ReadOnly => Err(IdbError::ReadOnly(name.into())),
            Mode::ReadWrite => Ok(found),
        }
    }

    fn tx_mut(&mut self) -> &mut Tx {
        self.origin.txs.get_mut(&self.tx).expect("a view is of a live transaction")
    }

    fn store_mut(&mut self, name: &str) -> &mut ObjectStore {
        let db = &self.origin.txs[&self.tx].db;
        let db = self.origin.dbs.get_mut(db).expect("a live transaction has its database");
        db.stores.get_mut(name).expect("the caller has found it before")
    }
}

/// Whether no key can lie between the bounds; `BTreeMap::range` panics on most of these.
fn is_empty(range: &impl RangeBounds<String>) -> bool {
    match (range.start_bound(), range.end_bound()) {
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to))
        | (Bound::Excluded(from), Bound::Included(to)) => from >= to,
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
    }
}

/// The transaction in which a database gets its object stores. Its requests are those of a [`View`].
pub struct Upgrade<'a> {
    pub(super) view: View<'a>,
    pub(super) old_version: u32,
    pub(super) new_version: u32,
}

impl<'a> Upgrade<'a> {
    /// The version that was stored; 0 for a database that is made now.
    #[must_use]
    pub fn old_version(&self) -> u32 {
        self.old_version
    }

    /// The version that it will have.
    #[must_use]
    pub fn new_version(&self) -> u32 {
        self.new_version
    }

    /// The requests, for records that must move.
    pub fn view(&mut self) -> &mut View<'a> {
        &mut self.view
    }

    /// Makes an object store.
    pub fn create_store(&mut self, name: &str, options: StoreOptions) -> Result<(), IdbError> {
        if self.view.store(name).is_ok() {
            return Err(IdbError::Constraint { what: "object store", name: name.into() });
        }
        let db = self.view.tx_mut().db.clone();
        self.view.tx_mut().scope.push(name.into());
        let stores = &mut self.view.origin.dbs.entry(db).or_default().stores;
        stores.insert(name.into(), ObjectStore { options, ..ObjectStore::default() });
        Ok(())
    }

    /// Removes an object store with all its records.
    pub fn delete_store(&mut self, name: &str) -> Result<(), IdbError> {
        let bytes = self.view.store(name)?.1.bytes();
        let tx = self.view.tx_mut();
        tx.growth -= bytes.cast_signed();
        let db = tx.db.clone();
        if let Some(db) = self.view.origin.dbs.get_mut(&db) {
            db.stores.remove(name);
        }
        Ok(())
    }
}
