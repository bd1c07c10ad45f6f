//! The worker's own copy of the guest, and its short memory of processed ids. Each message is one
//! transaction.

use std::time::Duration;

use holdline_client::Clock;
use thiserror::Error;

use super::SyncToken;
use crate::idb::{IdbError, KeptOpen, Mode, StoreOptions, Upgrade, View};

/// Processed ids older than this are removed.
pub const IDS_KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The object store with the `token` and the `epoch` it was written in.
pub const GUEST_STORE: &str = "guest";
/// The object store with the connection's `state`.
pub const CONNECTION_STORE: &str = "connection";
/// The object store with processed ids: when each was processed, in milliseconds since 1970.
pub const PROCESSED_STORE: &str = "processed";

const STORES: [&str; 3] = [GUEST_STORE, CONNECTION_STORE, PROCESSED_STORE];

#[derive(Debug, Error)]
pub(super) enum SyncError {
    #[error(transparent)]
    Idb(#[from] IdbError),
    #[error("epoch {asked} is over, the worker's copy is from epoch {stored}")]
    Older { asked: u64, stored: u64 },
}

pub(super) fn create(upgrade: &mut Upgrade<'_>) -> Result<(), IdbError> {
    for store in STORES {
        upgrade.create_store(store, StoreOptions::default())?;
    }
    Ok(())
}

pub(super) async fn write(
    database: &KeptOpen,
    clock: &Clock,
    payload: SyncToken,
) -> Result<(), SyncError> {
    let batch = database.batch(&STORES, Mode::ReadWrite).await?;
    let now_ms = clock.now().wall.since_epoch().as_millis() as u64;
    batch
        .run(|view| {
            let stored = view.get(GUEST_STORE, "epoch")?.and_then(|epoch| epoch.parse().ok());
            if let Some(stored) = stored.filter(|&stored| stored > payload.epoch) {
                return Err(SyncError::Older { asked: payload.epoch, stored });
            }
            view.put(GUEST_STORE, "token", &payload.token)?;
            view.put(GUEST_STORE, "epoch", &payload.epoch.to_string())?;
            if let Some(state) = &payload.connection_state {
                view.put(CONNECTION_STORE, "state", state)?;
            }
            remember(view, &payload.processed, now_ms)?;
            Ok(())
        })
        .await
}

/// Writes down new ids, and forgets old ones and those whose time cannot be read.
fn remember(view: &mut View<'_>, processed: &[String], now_ms: u64) -> Result<(), IdbError> {
    for id in processed {
        if view.get(PROCESSED_STORE, id)?.is_none() {
            view.put(PROCESSED_STORE, id, &now_ms.to_string())?;
        }
    }
    let kept_for_ms = IDS_KEPT_FOR.as_millis() as u64;
    for (id, at_ms) in view.cursor(PROCESSED_STORE, ..)? {
        let at_ms: Option<u64> = at_ms.parse().ok();
        if at_ms.is_none_or(|at_ms| now_ms.saturating_sub(at_ms) > kept_for_ms) {
            view.delete(PROCESSED_STORE, &id)?;
        }
    }
    Ok(())
}
