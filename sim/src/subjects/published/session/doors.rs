//! `Retry-After`: when the doors of the cloud are open again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_http::header::HttpDate;

use super::super::defect::Defect;
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
/// `setTimeout` keeps its milliseconds in 31 bits, and takes one for what it cannot keep.
const TIMER_MAX_MS: u64 = (1 << 31) - 1;

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
            return published(value);
        }
        let Some(asked) = value.and_then(|value| read(value.trim(), self.clock().wall())) else {
            return DEFAULT;
        };
        if asked > LONGEST {
            let (asked, honoured) = (asked.as_secs(), LONGEST.as_secs());
            self.notice(format!("retry-after {asked} s is too long; waiting {honoured} s"));
        }
        asked.min(LONGEST)
    }
}

/// Seconds or a date (RFC 9110, 10.2.3).
fn read(value: &str, wall: Duration) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = SystemTime::from(value.parse::<HttpDate>().ok()?);
    Some(date.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(wall))
}

/// `sleep(parseInt(value || '5', 10) * 1000)`.
fn published(value: Option<&str>) -> Duration {
    let text = value.filter(|text| !text.is_empty()).unwrap_or("5").trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let ms = match digits[..end].parse::<i64>() {
        Ok(seconds) => seconds.saturating_mul(sign * 1000),
        Err(_) => -1,
    };
    let ms = u64::try_from(ms).ok().filter(|ms| (1..=TIMER_MAX_MS).contains(ms));
    Duration::from_millis(ms.unwrap_or(1))
}
