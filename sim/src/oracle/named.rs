//! The time that a server names with `Retry-After`, as virtual time.
//!
//! A reader of its own on purpose: one shared with the client would share its mistakes too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_http::header::HttpDate;

use super::Bounds;

/// A date has whole seconds and may have been cut: this much earlier is still obedient.
const DATE_SLACK: Duration = Duration::from_secs(1);

/// Before when nothing may follow an answer that arrived `at`; `None` where it names no time.
/// A 429 always names one: `retry_after_default` where its value is missing or invalid.
pub(super) fn until(
    status: u16,
    value: Option<&str>,
    at: Duration,
    bounds: &Bounds,
) -> Option<Duration> {
    let by_default = (status == 429).then_some(bounds.retry_after_default);
    let wait = value.and_then(|value| wait_of(value.trim(), at, bounds)).or(by_default)?;
    Some(at + wait)
}

fn wait_of(value: &str, at: Duration, bounds: &Bounds) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // All digits and yet no number: too long for one, so the cap decides.
        let asked = value.parse().map_or(bounds.retry_after_cap, Duration::from_secs);
        return Some(asked.min(bounds.retry_after_cap));
    }
    let date = SystemTime::from(value.parse::<HttpDate>().ok()?);
    let date = date.duration_since(UNIX_EPOCH).unwrap_or_default();
    let asked = date.saturating_sub(bounds.wall_at_start + at);
    Some(asked.min(bounds.retry_after_cap).saturating_sub(DATE_SLACK))
}
