//! Files that are written whole or not at all, and `-` for standard output.
//!
//! Whatever goes wrong, nobody finds half a file: the text goes into a nameless one beside it first.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tempfile::Builder;
use thiserror::Error;

use super::{Exit, print_error, written};

/// Where something goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// `-`
    Stdout,
    File(PathBuf),
}

impl FromStr for Target {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Stdout } else { Self::File(text.into()) })
    }
}

/// Why a file is not there.
#[derive(Debug, Error)]
#[error("cannot write `{}`: {source}; {}", .path.display(), way_out(.source))]
pub(super) struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl Target {
    /// Writes it whole. An error is complained about.
    pub(super) fn put(&self, bytes: &[u8]) -> Exit {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                written(out.write_all(bytes).and_then(|()| out.flush()))
            }
            Self::File(path) => match put(path, bytes) {
                Ok(()) => Exit::Pass,
                Err(error) => {
                    print_error(&error);
                    Exit::WriteError
                }
            },
        }
    }
}

/// Writes a file whole or not at all.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let put = || {
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            // A device or a pipe cannot be replaced. A folder says so itself.
            return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
        }
        // A link stays a link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = builder().tempfile_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        file.persist(&path)?;
        Ok(())
    };
    put().map_err(|source| WriteError { path: path.to_owned(), source })
}

/// A new file, readable for whoever the system lets read new files.
#[cfg(unix)]
fn builder() -> Builder<'static, 'static> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = Builder::new();
    builder.permissions(fs::Permissions::from_mode(0o666));
    builder
}

#[cfg(not(unix))]
fn builder() -> Builder<'static, 'static> {
    Builder::new()
}

/// Writes a file into a folder, which is made if it is missing; its path.
pub(super) fn write_into(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, WriteError> {
    let made = fs::create_dir_all(folder);
    made.map_err(|source| WriteError { path: folder.to_owned(), source })?;
    let path = folder.join(name);
    put(&path, bytes)?;
    Ok(path)
}

fn way_out(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "make its folder first, or choose another one",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a part of its path is no folder; choose another one"
        }
        io::ErrorKind::IsADirectory => "that is a folder; name a file in it",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder that you may write to"
        }
        _ => "make room, or choose another place",
    }
}
