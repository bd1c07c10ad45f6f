//! How what the tabs remember lies in the database: the article's two object stores, and two that its
//! client lacks.

use serde_json::{Value, json};

use super::super::defect::{Defect, Defects};
use super::words::Payload;
use holdline_browser::idb::{IdbError, StoreOptions, Upgrade, View};

pub(super) const STATE: &str = "messagingState";
pub(super) const PROCESSED: &str = "processedMessages";
pub(super) const PAYLOADS: &str = "payloads";
pub(super) const OUTBOX: &str = "outbox";

/// `onupgradeneeded`.
pub(super) fn create(upgrade: &mut Upgrade<'_>, defects: Defects) -> Result<(), IdbError> {
    if upgrade.old_version() > 0 {
        return Ok(());
    }
    let keyed = |key: &str| StoreOptions { key_path: Some(key.into()), auto_increment: false };
    upgrade.create_store(STATE, keyed("key"))?;
    if !defects.has(Defect::B1) {
        upgrade.create_store(PROCESSED, keyed("id"))?;
    }
    upgrade.create_store(PAYLOADS, StoreOptions::default())?;
    upgrade.create_store(OUTBOX, StoreOptions { key_path: None, auto_increment: true })
}

pub(super) fn state(view: &View<'_>, key: &str) -> Result<Option<Value>, IdbError> {
    let record: Option<Value> =
        view.get(STATE, key)?.and_then(|record| serde_json::from_str(record).ok());
    Ok(record.map(|mut record| record["value"].take()))
}

pub(super) fn put_state(
    view: &mut View<'_>,
    key: &str,
    value: &Value,
    now_ms: u64,
) -> Result<(), IdbError> {
    let record = json!({ "key": key, "value": value, "timestamp": now_ms });
    view.put_value(STATE, &record.to_string()).map(drop)
}

/// Of whoever claimed last.
pub(super) fn epoch(view: &View<'_>) -> Result<u64, IdbError> {
    let primary = state(view, "primary")?.unwrap_or_default();
    Ok(primary["epoch"].as_u64().unwrap_or_default())
}

/// Everything up to this place has been processed.
pub(super) fn cursor(view: &View<'_>) -> Result<u64, IdbError> {
    Ok(state(view, "cursor")?.and_then(|cursor| cursor.as_u64()).unwrap_or_default())
}

/// False if the id is there already.
pub(super) fn mark(view: &mut View<'_>, key: &str, now_ms: u64) -> Result<bool, IdbError> {
    let record = json!({ "id": key, "timestamp": now_ms }).to_string();
    match view.add_value(PROCESSED, &record) {
        Ok(_) => Ok(true),
        Err(IdbError::Constraint { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forgets the ids that were processed before `since_ms`.
pub(super) fn forget(view: &mut View<'_>, since_ms: u64) -> Result<(), IdbError> {
    for (key, record) in view.cursor(PROCESSED, ..)? {
        let record: Value = serde_json::from_str(&record).unwrap_or_default();
        if record["timestamp"].as_u64().unwrap_or_default() < since_ms {
            view.delete(PROCESSED, &key)?;
        }
    }
    Ok(())
}

pub(super) fn keep(view: &mut View<'_>, payload: &Payload) -> Result<(), IdbError> {
    view.put(PAYLOADS, &place(payload.sequence), &json!(payload).to_string())
}

/// Moves the cursor over the message and over all that was processed ahead of it.
pub(super) fn advance(view: &mut View<'_>, payload: &Payload, now_ms: u64) -> Result<(), IdbError> {
    let mut furthest = cursor(view)?;
    if payload.sequence != furthest + 1 {
        return Ok(());
    }
    furthest += 1;
    while view.get(PAYLOADS, &place(furthest + 1))?.is_some() {
        furthest += 1;
    }
    put_state(view, "cursor", &json!(furthest), now_ms)
}

fn place(sequence: u64) -> String {
    format!("{sequence:020}")
}
