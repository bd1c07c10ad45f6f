//! Opening and creating the file, and saying what is wrong with one.
//!
//! It refuses to change a file before it is known to be whole and ours.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase as _, StorageError, TableError};

use super::trial::Trial;
use super::{META, RECORDS};
use crate::tabs::StoreError;

/// The key in [`META`] whose presence makes a database ours.
const FORMAT: &str = "format";

/// The format written, and the only one read.
const FORMAT_NUMBER: u64 = 1;

/// Memory for pages: 8 MiB, several times what a full outbox takes. redb's default is 1 GiB.
const CACHE_BYTES: usize = 8 << 20;

/// Opens the store at `path`, new if there is nothing.
pub(super) fn open_or_create(path: &Path) -> Result<Database, StoreError> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => open(path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            create(path)?;
            reopen(path)
        }
        Err(error) => Err(unusable(path, &error)),
    }
}

/// Opens the store at `path`, which is to be there.
pub(super) fn reopen(path: &Path) -> Result<Database, StoreError> {
    let file = OpenOptions::new().read(true).write(true).open(path);
    open(path, file.map_err(|error| unusable(path, &error))?)
}

fn open(path: &Path, file: File) -> Result<Database, StoreError> {
    if !file.metadata().map_err(|error| unusable(path, &error))?.is_file() {
        return Err(foreign(path, "it is not a file"));
    }
    let backend = |file| FileBackend::new(file).map_err(|error| refused(path, error));
    let again = file.try_clone().map_err(|error| unusable(path, &error))?;
    let trial = builder()
        .set_check_integrity_on_open(true)
        .create_with_backend(Trial::of(backend(again)?))
        .map_err(|error| refused(path, error))?;
    check_format(path, &trial)?;
    drop(trial);
    builder().create_with_backend(backend(file)?).map_err(|error| refused(path, error))
}

/// Makes an empty store under another name, and gives it its own when it is whole and on the disk.
/// When somebody else was faster, theirs stays.
fn create(path: &Path) -> Result<(), StoreError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let unusable = |error: io::Error| unusable(path, &error);
    // Nobody but the owner may read it, on unix: it will hold the bearer token of the guest.
    let new =
        tempfile::Builder::new().prefix(".holdline-").tempfile_in(folder).map_err(unusable)?;
    let file = new.as_file().try_clone().map_err(unusable)?;
    let backend = FileBackend::new(file).map_err(|error| refused(path, error))?;
    let database = builder().create_with_backend(backend).map_err(|error| refused(path, error))?;
    write_format(&database).map_err(|error| super::failed(path, error))?;
    drop(database);
    new.as_file().sync_all().map_err(unusable)?;
    match new.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(unusable(error.error));
        }
        _ => {}
    }
    sync_folder(folder).map_err(unusable)
}

/// The name of a new file is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn write_format(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert(FORMAT, FORMAT_NUMBER)?;
    transaction.open_table(RECORDS)?;
    transaction.commit()?;
    Ok(())
}

fn check_format(path: &Path, database: &Database) -> Result<(), StoreError> {
    let failed = |error: redb::Error| super::failed(path, error);
    let transaction = database.begin_read().map_err(|error| failed(error.into()))?;
    let not_ours = "it is a redb database of another program";
    let number = match transaction.open_table(META) {
        Ok(table) => table.get_owned(FORMAT).map_err(|error| failed(error.into()))?,
        Err(TableError::Storage(error)) => return Err(failed(error.into())),
        Err(_) => return Err(foreign(path, not_ours)),
    };
    match number.map(|number| number.value()) {
        Some(FORMAT_NUMBER) => {}
        Some(number) => {
            let what = format!(
                "its format is {number}, and this program knows {FORMAT_NUMBER}: update the \
                 program that opens it"
            );
            return Err(foreign(path, &what));
        }
        None => return Err(foreign(path, not_ours)),
    }
    match transaction.open_table(RECORDS) {
        Ok(_) => Ok(()),
        Err(TableError::Storage(error)) => Err(failed(error.into())),
        Err(error) => Err(foreign(path, &error.to_string())),
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// What stands in the way of opening.
fn refused(path: &Path, error: DatabaseError) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
            let path = path.display();
            StoreError::Unavailable(format!(
                "{path} is open elsewhere, in another process or in this one: close it there"
            ))
        }
        DatabaseError::UpgradeRequired(version) => {
            foreign(path, &format!("it is of redb's old file format {version}"))
        }
        DatabaseError::Storage(StorageError::Io(error))
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ) =>
        {
            foreign(path, &format!("it is not a store of this program ({error})"))
        }
        error => super::failed(path, error.into()),
    }
}

/// A file that is not to be touched.
pub(super) fn foreign(path: &Path, what: &str) -> StoreError {
    let path = path.display();
    StoreError::Foreign(format!("{path}: {what}. Move it away, or name another file"))
}

/// A file that cannot be read or written now.
pub(super) fn unusable(path: &Path, error: &io::Error) -> StoreError {
    let detail = format!("{}: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            StoreError::Full(detail)
        }
        io::ErrorKind::NotFound => {
            StoreError::Unavailable(format!("{detail}; its folder must be there"))
        }
        io::ErrorKind::IsADirectory => foreign(path, "it is a folder"),
        _ => StoreError::Unavailable(detail),
    }
}
