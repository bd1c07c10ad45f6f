//! How the two clients read `Retry-After`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_http::header::HttpDate;

/// `setTimeout` keeps its milliseconds in 31 bits, and takes one for what it cannot keep.
const TIMER_MAX_MS: i64 = (1 << 31) - 1;

/// Seconds or a date (RFC 9110, 10.2.3).
pub(super) fn read(value: &str, wall: Duration) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(value.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let date = SystemTime::from(value.parse::<HttpDate>().ok()?);
    Some(date.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(wall))
}

/// `sleep(parseInt(value || '5', 10) * 1000)`.
pub(super) fn published(value: Option<&str>) -> Duration {
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
    Duration::from_millis(if (1..=TIMER_MAX_MS).contains(&ms) { ms.cast_unsigned() } else { 1 })
}
