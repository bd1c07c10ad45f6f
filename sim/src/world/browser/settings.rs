//! What kind of browser it is. Where real ones differ, the setting names both.
//!
//! Refuses to know the tabs: nothing in here changes while a browser runs.

use std::time::Duration;

/// What becomes of a channel's message to a page that is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FrozenChannel {
    /// It waits, and bursts in with all others when the page resumes: Chrome, Firefox.
    #[default]
    Queue,
    /// It is gone: `WebKit`.
    Drop,
}

/// See the module's documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature that a browser has or not")]
pub struct BrowserSettings {
    /// A channel's message takes at least this long.
    pub channel_delay: Duration,
    /// And up to this much longer, in whole milliseconds, drawn for each receiver.
    pub channel_jitter: Duration,
    /// Messages to a frozen page.
    pub frozen_channel: FrozenChannel,
    /// True: a page hears `freeze` before it is frozen and `resume` after, as in Chrome. False: it
    /// hears of neither, as in Safari or on a machine that is suspended.
    pub freeze_event: bool,
    /// True: all tabs are in one window, which shows one of them. False: each has its own window.
    pub one_window: bool,
    /// Web Locks: browsers since 2022 have them, older Safari has not. A secure origin is needed.
    pub locks: bool,
    /// `BroadcastChannel`: browsers since 2022 have it, older Safari has not.
    pub channel: bool,
    /// Service workers: Firefox has none in a private window. A secure origin is needed.
    pub worker: bool,
    /// True: https or localhost. False: plain http.
    pub secure_origin: bool,
    /// A private window, in which the store may fail to open.
    pub private: bool,
    /// The store is full at this size; `None`: never.
    pub quota_bytes: Option<u64>,
    /// A request to the store takes at least this long.
    pub store_delay: Duration,
    /// And up to this much longer.
    pub store_jitter: Duration,
}

impl Default for BrowserSettings {
    fn default() -> Self {
        Self {
            channel_delay: Duration::from_millis(1),
            channel_jitter: Duration::from_millis(2),
            frozen_channel: FrozenChannel::default(),
            freeze_event: true,
            one_window: true,
            locks: true,
            channel: true,
            worker: true,
            secure_origin: true,
            private: false,
            quota_bytes: None,
            store_delay: Duration::from_millis(1),
            store_jitter: Duration::from_millis(2),
        }
    }
}
