//! Another answer than the right one: 429 with or without `Retry-After`, 503, 401, anything.

use std::fmt;
use std::time::{Duration, SystemTime};

use super::{Bend, RetryAfter};
use crate::core::{Now, Refusal, RetryHint};

/// 9999-12-31, the last day an HTTP date can name (RFC 9110 5.6.7 has four digits of year).
const LAST_DATE: Duration = Duration::from_hours(70_389_504);

/// What an answer can be; anything else is answered as 500.
pub(super) const STATUSES: std::ops::Range<u16> = 200..600;

pub(super) fn bend(now: Now, status: u16, retry_after: &RetryAfter) -> Bend {
    let status = if STATUSES.contains(&status) { status } else { 500 };
    let mut refusal = Refusal::new(status, &code(status), "this answer is a fault on purpose");
    refusal.retry_after = hint(now, retry_after);
    Bend::Refuse(refusal)
}

pub(super) fn name(
    status: u16,
    retry_after: &RetryAfter,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "answer {status}{retry_after}")
}

/// The code the cloud itself would use with that status, where it has one.
fn code(status: u16) -> String {
    let known = match status {
        401 => "token.unknown",
        403 => "instance.mismatch",
        404 => "instance.unknown",
        410 => "guest.gone",
        413 => "message.too.long",
        429 => "rate.limited",
        500 => "internal.error",
        502..=504 => "service.unavailable",
        _ => return format!("fault.{status}"),
    };
    known.to_owned()
}

fn hint(now: Now, retry_after: &RetryAfter) -> Option<RetryHint> {
    match retry_after {
        RetryAfter::Absent => None,
        RetryAfter::Seconds(seconds) => Some(RetryHint::Seconds(*seconds)),
        RetryAfter::Date(from_now) => {
            let at = now.wall.saturating_add(*from_now);
            let whole = Duration::from_secs(crate::core::whole_seconds(at)).min(LAST_DATE);
            Some(RetryHint::Text(httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + whole).into()))
        }
        RetryAfter::Raw(text) => Some(RetryHint::Text(text.as_str().into())),
    }
}
