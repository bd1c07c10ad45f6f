//! A file that redb may do with as it likes, because it only gets a copy.
//!
//! redb repairs what it opens. Whether a file can be opened, and is ours, must be known before a
//! byte of it changes, so it is first opened here: the locks are those of the file, everything else
//! happens to a copy in memory.

use std::io;
use std::ops::Bound;
use std::sync::OnceLock;

use redb::backends::{FileBackend, InMemoryBackend};
use redb::{BackendError, StorageBackend};

/// The longest file that is looked at: 256 MiB, a hundred times what a full outbox takes.
pub(super) const LENGTH_MAX: u64 = 256 << 20;

/// The backend of one trial.
#[derive(Debug)]
pub(super) struct Trial {
    file: FileBackend,
    copy: OnceLock<InMemoryBackend>,
}

impl Trial {
    pub(super) const fn of(file: FileBackend) -> Self {
        Self { file, copy: OnceLock::new() }
    }

    /// Made at the first look, which redb takes when it has the locks: nobody is writing then.
    fn copy(&self) -> io::Result<&InMemoryBackend> {
        if let Some(copy) = self.copy.get() {
            return Ok(copy);
        }
        let length = self.file.len()?;
        let odd = match length {
            0 => Some("it is empty".to_owned()),
            1..=LENGTH_MAX => None,
            _ => Some(format!("its {length} bytes are more than any store of a client has")),
        };
        if let Some(odd) = odd {
            return Err(io::Error::new(io::ErrorKind::InvalidData, odd));
        }
        let mut bytes = vec![0; length as usize];
        self.file.read(0, &mut bytes)?;
        let copy = InMemoryBackend::new();
        copy.set_len(length)?;
        copy.write(0, &bytes)?;
        Ok(self.copy.get_or_init(|| copy))
    }
}

impl StorageBackend for Trial {
    fn len(&self) -> io::Result<u64> {
        self.copy()?.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let copy = self.copy()?;
        if offset.saturating_add(out.len() as u64) > copy.len()? {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"));
        }
        copy.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.copy()?.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.copy()?.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}
