//! The browser on the client's machine: how many tabs, and what it can and cannot do.
//!
//! It says what a browser lacks, never what its tabs make of it.

use std::time::Duration;

use holdline_net::duration::{fine, text};
use serde::{Deserialize, Serialize};

use crate::idb::{self, Private};

/// So many tabs have a letter.
pub const TABS_MAX: u8 = 16;

/// `[browser]`: without it, the client's machine runs one client and no tabs. Faults of the host
/// `client` are faults of the whole machine; when it comes back, so do the tabs that were open, each
/// with a new page.
#[expect(clippy::struct_excessive_bools, reason = "a browser has each thing or lacks it")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct BrowserSettings {
    /// Tabs open at 0, from A on: A is focused and visible, the others are hidden. Default 1.
    pub tabs: u8,
    /// How long a message takes from one tab to another, at least. Default 1 ms.
    #[serde(deserialize_with = "fine", serialize_with = "text")]
    pub channel_delay: Duration,
    /// Up to this much more, in whole milliseconds, drawn for each receiver. Default 2 ms.
    #[serde(deserialize_with = "fine", serialize_with = "text")]
    pub channel_jitter: Duration,
    /// How long a transaction of the store takes. Default 0.2 ms.
    #[serde(deserialize_with = "fine", serialize_with = "text")]
    pub store_delay: Duration,
    /// Up to this much more. Default 0.3 ms.
    #[serde(deserialize_with = "fine", serialize_with = "text")]
    pub store_jitter: Duration,
    /// What becomes of messages to a frozen tab. Default `queue`.
    pub frozen_channel: FrozenChannel,
    /// Whether a tab is told that it will be frozen, and that it runs again, as in Chrome. In Safari,
    /// and on a machine that is suspended, it hears of neither. Default true.
    pub freeze_event: bool,
    /// Whether all tabs share one window, so that showing one hides the others. Default true.
    pub one_window: bool,
    /// Whether there are Web Locks: browsers since 2022 have them, older Safari has not; and not on an
    /// origin that is not secure. Default true.
    pub locks: bool,
    /// Whether there is a `BroadcastChannel`: browsers since 2022 have it, older Safari has not.
    /// Default true.
    pub channel: bool,
    /// Whether there are service workers: Firefox has none in a private window. Default true.
    pub worker: bool,
    /// Whether the page is served on a secure origin: https or localhost. Default true.
    pub secure_origin: bool,
    /// Whether the window is private, so that the store does not open. Default false.
    pub private: bool,
    /// Bytes that the store may hold. Default: as many as it likes.
    pub quota_bytes: Option<u64>,
}

/// What becomes of a channel's messages to a frozen tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenChannel {
    /// They wait, and arrive together: Chrome, Firefox.
    #[default]
    Queue,
    /// They are lost: `WebKit`.
    Drop,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            tabs: 1,
            channel_delay: Duration::from_millis(1),
            channel_jitter: Duration::from_millis(2),
            store_delay: Duration::from_micros(200),
            store_jitter: Duration::from_micros(300),
            frozen_channel: FrozenChannel::Queue,
            freeze_event: true,
            one_window: true,
            locks: true,
            channel: true,
            worker: true,
            secure_origin: true,
            private: false,
            quota_bytes: None,
        }
    }
}

impl BrowserSettings {
    /// Whether a service worker can be registered.
    #[must_use]
    pub fn has_worker(&self) -> bool {
        self.worker && self.secure_origin
    }

    /// The part that the storage is made with.
    pub(crate) fn of_storage(&self) -> idb::Settings {
        idb::Settings {
            store_delay: self.store_delay,
            store_jitter: self.store_jitter,
            quota_bytes: self.quota_bytes,
            private: if self.private { Private::InvalidState } else { Private::No },
        }
    }
}
