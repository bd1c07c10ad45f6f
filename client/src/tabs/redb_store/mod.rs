//! A [`StateStore`] in one file, so that a native client survives being killed.
//!
//! It is an embedded database (redb) with one table of records and one of numbers. A file that is
//! damaged, of another program, or of a newer format is refused and left as it is, to the byte.

mod file;
mod journal;
mod trial;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use futures_util::FutureExt as _;
use futures_util::future::{LocalBoxFuture, ready};
use redb::{
    Database, ReadableDatabase as _, ReadableTable as _, StorageError, Table, TableDefinition,
};

use super::{Contents, StateStore, StoreError, Write, numbered};

pub use journal::RedbJournal;

const RECORDS: TableDefinition<'_, &str, &str> = TableDefinition::new("holdline.records");
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("holdline.meta");

/// The key in [`META`] of the epoch.
const EPOCH: &str = "epoch";

/// A store in one file; clones are handles to the same one.
///
/// All work is done when a method is called, on the calling thread, and a commit is on the disk by
/// then: the futures are ready. After a failed read or write the file is opened anew by the next
/// call, so a full disk that has room again is no lasting harm.
///
/// ```no_run
/// # use holdline_client::{Client, Config};
/// # fn start(config: Config) -> Result<(), Box<dyn std::error::Error>> {
/// let journal = holdline_client::tabs::RedbStore::open("chat.redb")?.journal();
/// let client = Client::builder(config).journal(journal).start()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RedbStore {
    inner: Rc<Inner>,
}

struct Inner {
    path: PathBuf,
    /// `None` after a failure, until the next call.
    database: RefCell<Option<Database>>,
}

impl RedbStore {
    /// Opens the store at `path`, and creates it if there is nothing. On unix only its owner can
    /// read a file that is created here.
    ///
    /// One handle at a time, and its clones: whoever else opens the file is told that it is in use.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_owned();
        let database = RefCell::new(Some(file::open_or_create(&path)?));
        Ok(Self { inner: Rc::new(Inner { path, database }) })
    }

    /// A journal for one client without tabs, in this store.
    #[must_use]
    pub fn journal(&self) -> RedbJournal {
        RedbJournal::new(self.clone())
    }

    fn read_now(&self, from: &str, to: &str) -> Result<Contents, StoreError> {
        self.with(|database| {
            let transaction = database.begin_read()?;
            let epoch = epoch(&transaction.open_table(META)?)?;
            let mut records = Vec::new();
            // redb takes a range that ends before it begins for a mistake; here it is empty.
            if from < to {
                for record in transaction.open_table(RECORDS)?.range(from..to)? {
                    let (key, value) = record?;
                    records.push((key.value().to_owned(), value.value().to_owned()));
                }
            }
            Ok(Ok(Contents { epoch, records }))
        })
    }

    fn raise_epoch_now(&self) -> Result<u64, StoreError> {
        self.with(|database| {
            write(database, |_, meta| {
                let next = epoch(meta)? + 1;
                meta.insert(EPOCH, next)?;
                Ok(Ok(next))
            })
        })
    }

    fn commit_now(&self, asked: u64, writes: &[Write]) -> Result<Vec<String>, StoreError> {
        self.with(|database| {
            write(database, |records, meta| {
                let stored = epoch(meta)?;
                if stored > asked {
                    return Ok(Err(StoreError::Fenced { asked, stored }));
                }
                if stored < asked {
                    meta.insert(EPOCH, asked)?;
                }
                let mut appended = Vec::new();
                for write in writes {
                    appended.extend(apply(write, records, meta)?);
                }
                Ok(Ok(appended))
            })
        })
    }

    /// Runs one piece of work, and lets go of the database if that fails: redb refuses everything
    /// after a failure until it is opened again.
    fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<Result<T, StoreError>, redb::Error>,
    ) -> Result<T, StoreError> {
        let path = &self.inner.path;
        let mut slot = self.inner.database.borrow_mut();
        let database = match slot.take() {
            Some(database) => database,
            None => file::reopen(path)?,
        };
        let result = work(&database).map_err(|error| failed(path, error))?;
        *slot = Some(database);
        result
    }
}

/// One transaction that is on the disk when this returns; nothing of it if `change` refuses or fails.
///
/// Two-phase: after that the primary copy is known to be whole, so that damage found later is damage,
/// and not taken for a commit that was cut short and may be rolled back.
fn write<T>(
    database: &Database,
    change: impl FnOnce(
        &mut Table<'_, &str, &str>,
        &mut Table<'_, &str, u64>,
    ) -> Result<Result<T, StoreError>, redb::Error>,
) -> Result<Result<T, StoreError>, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    let result = {
        let mut records = transaction.open_table(RECORDS)?;
        let mut meta = transaction.open_table(META)?;
        change(&mut records, &mut meta)?
    };
    if result.is_ok() {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(result)
}

/// Applies one write; an append answers with its key.
fn apply(
    write: &Write,
    records: &mut Table<'_, &str, &str>,
    meta: &mut Table<'_, &str, u64>,
) -> Result<Option<String>, StorageError> {
    match write {
        Write::Put { key, value } => {
            records.insert(key.as_str(), value.as_str())?;
            Ok(None)
        }
        Write::Delete { key } => {
            records.remove(key.as_str())?;
            Ok(None)
        }
        Write::Append { prefix, value } => {
            let last = format!("last:{prefix}");
            let number = meta.get(last.as_str())?.map_or(0, |number| number.value()) + 1;
            meta.insert(last.as_str(), number)?;
            let key = numbered(prefix, number);
            records.insert(key.as_str(), value.as_str())?;
            Ok(Some(key))
        }
    }
}

fn epoch(meta: &impl redb::ReadableTable<&'static str, u64>) -> Result<u64, StorageError> {
    Ok(meta.get(EPOCH)?.map_or(0, |epoch| epoch.value()))
}

/// What a failure of redb amounts to.
fn failed(path: &Path, error: redb::Error) -> StoreError {
    match error {
        redb::Error::Io(error) => file::unusable(path, &error),
        redb::Error::Corrupted(what) => file::foreign(path, &format!("it is damaged ({what})")),
        error => StoreError::Unavailable(format!("{}: {error}", path.display())),
    }
}

impl StateStore for RedbStore {
    fn read(&self, from: &str, to: &str) -> LocalBoxFuture<'static, Result<Contents, StoreError>> {
        ready(self.read_now(from, to)).boxed_local()
    }

    fn raise_epoch(&self) -> LocalBoxFuture<'static, Result<u64, StoreError>> {
        ready(self.raise_epoch_now()).boxed_local()
    }

    fn commit(
        &self,
        epoch: u64,
        writes: Vec<Write>,
    ) -> LocalBoxFuture<'static, Result<Vec<String>, StoreError>> {
        ready(self.commit_now(epoch, &writes)).boxed_local()
    }
}

impl std::fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RedbStore").field(&self.inner.path).finish()
    }
}
