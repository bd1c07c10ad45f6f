//! Makes one folder the same as another, without what belongs to no copy.
//!
//! It refuses to write a file that has not changed, so that cargo builds anew only what has.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::workshop::{WorkError, at};

/// What belongs to no copy, beside names with a dot in front.
const LEFT_OUT: &str = "target";

/// Makes `to` the same as `from`, down to what is not there.
pub(crate) fn mirror(from: &Path, to: &Path) -> Result<(), WorkError> {
    let wanted = entries(from)?;
    for (name, path) in entries(to)? {
        if wanted.contains_key(&name) {
            continue;
        }
        let removed =
            if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(at(&path))?;
    }
    for (name, path) in wanted {
        let place = to.join(name);
        if path.is_dir() {
            fs::create_dir_all(&place).map_err(at(&place))?;
            mirror(&path, &place)?;
        } else {
            copy_file(&path, &place)?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<BTreeMap<String, PathBuf>, WorkError> {
    let mut entries = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let Some(name) = path.file_name().and_then(OsStr::to_str) else { continue };
        if name != LEFT_OUT && !name.starts_with('.') {
            entries.insert(name.to_owned(), path);
        }
    }
    Ok(entries)
}

/// Copies a file whose text differs.
pub(crate) fn copy_file(from: &Path, to: &Path) -> Result<(), WorkError> {
    let wanted = fs::read(from).map_err(at(from))?;
    if fs::read(to).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    fs::write(to, wanted).map_err(at(to))
}
