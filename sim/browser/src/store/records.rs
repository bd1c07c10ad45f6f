//! How the store's records lie in the database: one object store for what the client writes, one
//! for epoch, format and the numbers that were given out. A database that is not like that is
//! refused, and nothing in it is changed.

use holdline_client::tabs::{StoreError, Write, numbered};

use super::GUEST_KEY;
use crate::idb::{IdbError, StoreOptions, Upgrade, View};

/// The object store with the records.
pub const RECORDS: &str = "records";
/// The object store with what the store itself remembers.
pub const META: &str = "meta";
/// How records are written; a database with another number is not understood.
const FORMAT: u64 = 1;

pub(super) fn create(upgrade: &mut Upgrade<'_>) -> Result<(), IdbError> {
    upgrade.create_store(RECORDS, StoreOptions::default())?;
    upgrade.create_store(META, StoreOptions::default())?;
    let view = upgrade.view();
    view.put(META, "format", &FORMAT.to_string())?;
    set_epoch(view, 0)
}

/// Always as long as before, so that a full store does not keep a tab from taking the lead.
pub(super) fn set_epoch(view: &mut View<'_>, epoch: u64) -> Result<(), IdbError> {
    view.put(META, "epoch", &format!("{epoch:020}"))
}

/// The stored epoch, of a database that is ours and understood.
pub(super) fn epoch(view: &View<'_>) -> Result<u64, StoreError> {
    match number(view, "format")? {
        Some(FORMAT) => Ok(number(view, "epoch")?.unwrap_or(0)),
        Some(format) => Err(StoreError::Foreign(format!(
            "its format is {format}, this client knows {FORMAT}; reload the page to get the client \
             that wrote it"
        ))),
        None => Err(StoreError::Foreign(
            "it names no format, so another program wrote it; choose another database".into(),
        )),
    }
}

fn number(view: &View<'_>, key: &str) -> Result<Option<u64>, StoreError> {
    let Some(text) = view.get(META, key)? else { return Ok(None) };
    let readable = text.parse().map_err(|_| {
        StoreError::Foreign(format!(
            "`{key}` should be a number and is {text:?}; clear the site's data to begin anew"
        ))
    })?;
    Ok(Some(readable))
}

pub(super) fn next(number: u64, what: &str) -> Result<u64, StoreError> {
    number.checked_add(1).ok_or_else(|| {
        StoreError::Foreign(format!(
            "`{what}` is {number} and cannot rise; clear the site's data to begin anew"
        ))
    })
}

pub(super) fn apply(view: &mut View<'_>, writes: &[Write]) -> Result<Vec<String>, StoreError> {
    let mut appended = Vec::new();
    for write in writes {
        match write {
            Write::Put { key, value } => view.put(RECORDS, key, value)?,
            Write::Delete { key } => view.delete(RECORDS, key)?,
            Write::Append { prefix, value } => {
                let last = format!("last/{prefix}");
                let number = next(number(view, &last)?.unwrap_or(0), &last)?;
                view.put(META, &last, &number.to_string())?;
                let key = numbered(prefix, number);
                view.put(RECORDS, &key, value)?;
                appended.push(key);
            }
        }
    }
    Ok(appended)
}

/// The guest as the writes leave it.
pub(super) fn guest_in(writes: &[Write]) -> Option<&str> {
    writes.iter().rev().find_map(|write| match write {
        Write::Put { key, value } if key == GUEST_KEY => Some(value.as_str()),
        _ => None,
    })
}

pub(super) fn bytes_of(writes: &[Write]) -> u64 {
    let bytes = |write: &Write| match write {
        Write::Put { key, value } => key.len() + value.len(),
        Write::Delete { key } => key.len(),
        Write::Append { prefix, value } => prefix.len() + value.len(),
    };
    writes.iter().map(bytes).sum::<usize>() as u64
}

impl From<IdbError> for StoreError {
    fn from(error: IdbError) -> Self {
        match error {
            IdbError::QuotaExceeded { .. } => {
                Self::Full(format!("{error}; remove records, or free space on this device"))
            }
            IdbError::NotFound(_) => Self::Foreign(format!(
                "{error}, so another program made this database; choose another name"
            )),
            _ => Self::Unavailable(format!("{error}; go on without it and try again later")),
        }
    }
}
