//! Whether a client waits as long as it was told, by `Retry-After` at a door, or by `retryAfter` in
//! an error frame: in seconds, or until a date, which is of the clock of the cloud that named it. It
//! ignores doors where it cannot tell one client from another.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use super::{Finding, bound, secs};
use crate::journal::{Entry, Record};

pub(super) const RETRY_AFTER: &str = "retry-after";

/// A client that counted well may have read a clock that was read earlier.
const TOLERANCE_MS: u64 = 50;
/// A guest at a door.
type Caller = (String, &'static str);

#[derive(Debug, Default)]
pub(super) struct Waits {
    under_way: BTreeMap<u64, Caller>,
    /// Until when each has to wait, and since when.
    held: BTreeMap<Caller, (u64, u64)>,
}

impl Waits {
    /// `wall` is what the cloud's own clock showed when the entry was written.
    pub(super) fn hear(&mut self, record: &Record, wall: Duration, found: &mut Vec<Finding>) {
        match &record.entry {
            Entry::Request { request, method, path, .. } => {
                let Some(caller) = caller(&record.entry, method, path) else { return };
                self.comes(record, &caller, found);
                bound(&mut self.under_way);
                self.under_way.insert(*request, caller);
            }
            Entry::Answer { request, retry_after, .. } => {
                let Some(caller) = self.under_way.remove(request) else { return };
                if let Some(wait_ms) = retry_after.as_deref().and_then(|text| wait_ms(text, wall)) {
                    self.hold(record.at_ms, caller, wait_ms);
                }
            }
            Entry::FrameIn { guest, text, .. } if text.contains("\"messageId\"") => {
                self.comes(record, &(guest.clone(), "messages"), found);
            }
            Entry::FrameOut { guest, text, .. } => {
                if let Some(wait_ms) = told(text).and_then(|told| wait_ms(told, wall)) {
                    self.hold(record.at_ms, (guest.clone(), "messages"), wait_ms);
                }
            }
            _ => {}
        }
    }

    fn hold(&mut self, at_ms: u64, caller: Caller, wait_ms: u64) {
        let until = at_ms.saturating_add(wait_ms);
        bound(&mut self.held);
        self.held.insert(caller, (until, at_ms));
    }

    fn comes(&mut self, record: &Record, caller: &Caller, found: &mut Vec<Finding>) {
        let Some((until, since)) = self.held.remove(caller) else { return };
        if record.at_ms.saturating_add(TOLERANCE_MS) >= until {
            return;
        }
        let (guest, door) = caller;
        let text = format!(
            "{door} came at {}, though it was told at {} to wait until {}",
            secs(record.at_ms),
            secs(since),
            secs(until),
        );
        let (at_ms, seq, guest) = (record.at_ms, record.seq, Some(guest.clone()));
        found.push(Finding { oracle: RETRY_AFTER, at_ms, seq, guest, text });
    }
}

fn caller(entry: &Entry, method: &str, path: &str) -> Option<Caller> {
    let door = match (method, path.rsplit('/').next()?) {
        ("POST", "messages") => "messages",
        ("GET", "messages") => "history",
        ("GET", "websocket") => "socket",
        _ => return None,
    };
    Some((entry.guest()?.to_owned(), door))
}

/// What an error frame names: digits, or a text.
fn told(frame: &str) -> Option<&str> {
    let (_, rest) = frame.split_once("\"retryAfter\":")?;
    match rest.strip_prefix('"') {
        Some(text) => text.split('"').next(),
        None => rest.split(|c: char| !c.is_ascii_digit()).next(),
    }
}

/// The wait that `Retry-After` asks for (RFC 9110 10.2.3); `None` where it is neither seconds nor a
/// date. A date that has passed asks for none.
fn wait_ms(told: &str, wall: Duration) -> Option<u64> {
    if let Ok(seconds) = told.parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let date = httpdate::parse_http_date(told).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(date.saturating_sub(wall).as_millis() as u64)
}
