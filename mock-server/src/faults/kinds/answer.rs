//! The fault `answer`.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use crate::core::{Now, Refusal, RetryHint};
use crate::faults::{LAST_DATE, Outcome, REQUESTS, RetryAfter, fault};

/// What an answer can be; anything else is answered as 500.
const STATUSES: Range<u16> = 200..600;

fault! {
    /// Answers a status instead of handling the request; a socket frame gets it as an error frame.
    "answer" => Answer at REQUESTS {
        /// The HTTP status, 200 to 599.
        status: u16,
        /// When to come back.
        retry_after as "retryAfter": RetryAfter = RetryAfter::Absent,
    }

    fn decide(&self, now: Now) -> Outcome {
        let status = if STATUSES.contains(&self.status) { self.status } else { 500 };
        let mut refusal = Refusal::new(status, &code(status), "this answer is a fault on purpose");
        refusal.retry_after = hint(now, &self.retry_after);
        Outcome::Refuse(refusal)
    }

    fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let is_status = STATUSES.contains(&self.status);
        is_status.then_some(()).ok_or(("status", "status of an answer: 200 to 599"))
    }

    fn label(&self) -> String {
        format!("answer {}{}", self.status, self.retry_after)
    }
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
