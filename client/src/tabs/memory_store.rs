//! A store in memory: for tabs of one process, and as the plainest telling of what a store promises.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::{LocalBoxFuture, ready};

use super::StateStore;
use crate::core::store::{Contents, StoreError, Write, numbered};

/// Remembers in memory; clones share, so a clone survives the tab that writes to it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    epoch: u64,
    records: BTreeMap<String, String>,
    /// The last number used of each prefix.
    numbers: BTreeMap<String, u64>,
}

impl Inner {
    fn apply(&mut self, write: Write) -> Option<String> {
        match write {
            Write::Put { key, value } => drop(self.records.insert(key, value)),
            Write::Delete { key } => drop(self.records.remove(&key)),
            Write::Append { prefix, value } => {
                let number = self.numbers.entry(prefix.clone()).or_default();
                *number += 1;
                let key = numbered(&prefix, *number);
                self.records.insert(key.clone(), value);
                return Some(key);
            }
        }
        None
    }
}

impl StateStore for MemoryStore {
    fn read(&self, from: &str, to: &str) -> LocalBoxFuture<'static, Result<Contents, StoreError>> {
        let inner = self.inner.borrow();
        let inside =
            inner.records.iter().filter(|(key, _)| from <= key.as_str() && key.as_str() < to);
        let records = inside.map(|(key, value)| (key.clone(), value.clone())).collect();
        Box::pin(ready(Ok(Contents { epoch: inner.epoch, records })))
    }

    fn raise_epoch(&self) -> LocalBoxFuture<'static, Result<u64, StoreError>> {
        let mut inner = self.inner.borrow_mut();
        inner.epoch += 1;
        Box::pin(ready(Ok(inner.epoch)))
    }

    fn commit(
        &self,
        epoch: u64,
        writes: Vec<Write>,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, StoreError>> {
        let mut inner = self.inner.borrow_mut();
        if inner.epoch > epoch {
            let fenced = StoreError::Fenced { asked: epoch, stored: inner.epoch };
            return Box::pin(ready(Err(fenced)));
        }
        inner.epoch = epoch;
        let appended = writes.into_iter().filter_map(|write| inner.apply(write)).collect();
        Box::pin(ready(Ok(appended)))
    }
}
