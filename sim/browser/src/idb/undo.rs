//! Changes, and how they are put back when their transaction aborts.

use std::collections::BTreeMap;

use super::IdbError;
use super::data::{Database, bytes_of};
use super::origin::Origin;

/// Stores are named by their place in the scope.
pub(super) enum Undo {
    Record { store: usize, key: String, before: Option<String> },
    LastNumber { store: usize, before: u64 },
    Database(Option<Database>),
}

impl Origin {
    /// Changes one record (`None` removes it), and remembers how to put it back.
    pub(super) fn write(&mut self, id: u64, store: usize, key: &str, value: Option<String>) {
        let tx = self.txs.get_mut(&id).expect("a request runs in a live transaction");
        let records = records_of(&mut self.dbs, &tx.db, &tx.scope[store])
            .expect("the scope was checked when the transaction began");
        let size = |value: &Option<String>| {
            value.as_ref().map_or(0, |value| bytes_of(key, value)).cast_signed()
        };
        tx.growth += size(&value);
        let before = match value {
            Some(value) => records.insert(key.into(), value),
            None => records.remove(key),
        };
        tx.growth -= size(&before);
        tx.undo.push(Undo::Record { store, key: key.into(), before });
    }

    /// Puts back everything that the transaction changed; an abort happens once.
    pub(super) fn abort(&mut self, id: u64, why: IdbError) {
        let Some(tx) = self.txs.get_mut(&id).filter(|tx| tx.aborted.is_none()) else { return };
        tx.aborted = Some(why);
        tx.growth = 0;
        // The connection of an upgrade that failed is closed with it.
        let upgrade = tx.undo.iter().any(|step| matches!(step, Undo::Database(_)));
        for step in tx.undo.drain(..).rev() {
            match step {
                Undo::Database(None) => drop(self.dbs.remove(&tx.db)),
                Undo::Database(Some(before)) => drop(self.dbs.insert(tx.db.clone(), before)),
                Undo::Record { store, key, before } => {
                    let records = records_of(&mut self.dbs, &tx.db, &tx.scope[store]);
                    match (records, before) {
                        (Some(records), Some(value)) => drop(records.insert(key, value)),
                        (Some(records), None) => drop(records.remove(&key)),
                        // Removed by the upgrade that is undone here; its database is put back.
                        (None, _) => {}
                    }
                }
                Undo::LastNumber { store, before } => {
                    let db = self.dbs.get_mut(&tx.db);
                    if let Some(store) = db.and_then(|db| db.stores.get_mut(&tx.scope[store])) {
                        store.last_number = before;
                    }
                }
            }
        }
        let conn = tx.conn;
        if upgrade {
            self.close(conn);
        }
        self.close_if_idle(conn);
    }
}

fn records_of<'a>(
    dbs: &'a mut BTreeMap<String, Database>,
    db: &str,
    store: &str,
) -> Option<&'a mut BTreeMap<String, String>> {
    Some(&mut dbs.get_mut(db)?.stores.get_mut(store)?.records)
}
