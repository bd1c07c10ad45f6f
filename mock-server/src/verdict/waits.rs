//! Whether a client waits as long as it was told, by `Retry-After` in seconds at a door, or by
//! `retryAfter` in an error frame. It ignores dates, which are judged by a clock that it cannot
//! see, and doors where it cannot tell one client from another.

use std::collections::BTreeMap;

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
    pub(super) fn hear(&mut self, record: &Record, found: &mut Vec<Finding>) {
        match &record.entry {
            Entry::Request { request, method, path, .. } => {
                let Some(caller) = caller(&record.entry, method, path) else { return };
                self.comes(record, &caller, found);
                bound(&mut self.under_way);
                self.under_way.insert(*request, caller);
            }
            Entry::Answer { request, retry_after, .. } => {
                let Some(caller) = self.under_way.remove(request) else { return };
                if let Some(Ok(seconds)) = retry_after.as_deref().map(str::parse::<u64>) {
                    self.hold(record.at_ms, caller, seconds);
                }
            }
            Entry::FrameIn { guest, text, .. } if text.contains("\"messageId\"") => {
                self.comes(record, &(guest.clone(), "messages"), found);
            }
            Entry::FrameOut { guest, text, .. } => {
                if let Some(seconds) = told(text) {
                    self.hold(record.at_ms, (guest.clone(), "messages"), seconds);
                }
            }
            _ => {}
        }
    }

    fn hold(&mut self, at_ms: u64, caller: Caller, seconds: u64) {
        let until = at_ms.saturating_add(seconds.saturating_mul(1000));
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

/// The seconds that an error frame names.
fn told(frame: &str) -> Option<u64> {
    // Next to none does, and looking is faster than splitting.
    if !frame.contains("\"retryAfter\":") {
        return None;
    }
    let (_, rest) = frame.split_once("\"retryAfter\":")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}
