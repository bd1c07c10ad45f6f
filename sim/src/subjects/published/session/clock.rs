//! The two clocks of the client's machine, and which of them measures durations.
//!
//! Timers are the platform's and run by neither.

use std::rc::Rc;
use std::time::Duration;

use super::super::defect::{Defect, Defects};
use crate::subjects::Setting;
use holdline_net::HostNet;

/// See the module's documentation.
#[derive(Clone)]
pub(super) struct Clock {
    net: Rc<dyn HostNet>,
    setting: Setting,
    /// `Date.now()` for everything.
    by_wall: bool,
}

impl Clock {
    pub(super) fn new(net: Rc<dyn HostNet>, setting: Setting, defects: Defects) -> Self {
        Self { net, setting, by_wall: defects.has(Defect::A35) }
    }

    /// What durations are measured with.
    pub(super) fn now(&self) -> Duration {
        if self.by_wall { self.wall() } else { self.net.now() }
    }

    /// The time of day.
    pub(super) fn wall(&self) -> Duration {
        self.setting.wall(self.net.now())
    }
}

/// Waits for `work`, for so long at most; for ever without a limit.
pub(super) async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}
