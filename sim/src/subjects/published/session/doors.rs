//! `Retry-After`: when the doors of the cloud are open again.

use std::time::Duration;

use super::super::defect::Defect;
use super::super::retry_after;
use super::client::Client;

/// A door of the cloud; each has waits of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Door {
    Guests,
    Refresh,
    Socket,
    Messages,
    History,
}

/// What a 429 means that says nothing: `|| '5'`.
const DEFAULT: Duration = Duration::from_secs(5);
/// The longest wait that a server can impose.
const LONGEST: Duration = Duration::from_secs(120);

impl Client {
    /// Waits until a door is open.
    pub(super) async fn wait_for(&self, door: Door) {
        loop {
            let until = self.saved().doors.get(&door).copied().unwrap_or_default();
            let wait = until.saturating_sub(self.mono());
            if wait.is_zero() {
                return;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// What is left of a door's wait.
    pub(super) fn closed_for(&self, door: Door) -> Duration {
        self.saved().doors.get(&door).copied().unwrap_or_default().saturating_sub(self.mono())
    }

    /// Takes note of an answer that may name a time.
    pub(super) fn told(&self, door: Door, status: u16, value: Option<&str>) {
        if !matches!(status, 429 | 503) || door != Door::Messages && self.has(Defect::A24) {
            return;
        }
        if status == 503 && value.is_none() {
            return;
        }
        let until = self.mono() + self.retry_after(value);
        let mut saved = self.saved_mut();
        let open = saved.doors.entry(door).or_default();
        *open = until.max(*open);
    }

    /// How long a server asks to wait.
    pub(super) fn retry_after(&self, value: Option<&str>) -> Duration {
        if self.has(Defect::A15) {
            return retry_after::published(value);
        }
        let Some(asked) = value.and_then(|value| retry_after::read(value, self.clock().wall()))
        else {
            return DEFAULT;
        };
        if asked > LONGEST {
            let (asked, honoured) = (asked.as_secs(), LONGEST.as_secs());
            self.notice(format!("retry-after {asked} s is too long; waiting {honoured} s"));
        }
        asked.min(LONGEST)
    }
}
