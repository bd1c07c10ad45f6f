//! What the parts of a browser take from the settings of a plan.

use super::idb::{self, Private};
use crate::plan::BrowserSettings;

/// The part that the storage is made with.
pub(super) fn of_storage(settings: &BrowserSettings) -> idb::Settings {
    idb::Settings {
        store_delay: settings.store_delay,
        store_jitter: settings.store_jitter,
        quota_bytes: settings.quota_bytes,
        private: if settings.private { Private::InvalidState } else { Private::No },
    }
}
