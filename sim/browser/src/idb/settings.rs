//! How one browser's storage differs from another's.

use std::time::Duration;

/// How this browser's storage behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Every request and every commit takes at least this long.
    pub store_delay: Duration,
    /// And up to this much more.
    pub store_jitter: Duration,
    /// What the origin may store; [`Idb::set_quota`](super::Idb::set_quota) changes it later.
    pub quota_bytes: Option<u64>,
    /// Whether, and how, a private window refuses to open databases.
    pub private: Private,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store_delay: Duration::from_micros(200),
            store_jitter: Duration::from_micros(300),
            quota_bytes: None,
            private: Private::No,
        }
    }
}

/// Private windows differ between browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Private {
    /// Not private, or a browser of today, whose private windows store things until they close.
    #[default]
    No,
    /// Firefox up to 114: opening fails with `InvalidStateError`.
    InvalidState,
    /// A profile that cannot be written to: opening fails with `UnknownError`.
    Unknown,
}
