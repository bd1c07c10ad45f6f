//! The two clocks of the cloud. Durations are counted on the monotonic one; the wall clock is
//! only ever shown, as in an HTTP date.

use std::time::Duration;

/// One moment, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Time since the cloud started; never goes back.
    pub mono: Duration,
    /// Time since the UNIX epoch.
    pub wall: Duration,
}
