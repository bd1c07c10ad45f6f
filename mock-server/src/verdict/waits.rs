//! Whether a client waits as long as it was told, by `Retry-After` at a door, or by `retryAfter` in
//! an error frame: in seconds, or until a date, which is of the clock of the cloud that named it. It
//! ignores doors where it cannot tell one client from another.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use super::{Finding, bound, secs};
use crate::faults::Endpoint;
use crate::journal::{About, Entry, Record};

pub(super) const RETRY_AFTER: &str = "retry-after";

/// A client that counted well may have read a clock that was read earlier.
const TOLERANCE_MS: u64 = 50;
/// A guest at an endpoint.
type Caller = (String, Endpoint);

#[derive(Debug, Default)]
pub(super) struct Waits {
    under_way: BTreeMap<u64, Caller>,
    /// Until when each has to wait, and since when.
    held: BTreeMap<Caller, (u64, u64)>,
}

impl Waits {
    /// `wall` is what the cloud's own clock showed when the entry was written.
    pub(super) fn observe(&mut self, record: &Record, wall: Duration, found: &mut Vec<Finding>) {
        match &record.entry {
            Entry::Request { request, endpoint: Some(endpoint), guest: Some(guest), .. } => {
                let caller = caller(guest, *endpoint);
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
            Entry::FrameIn { guest, about, .. } if about.message().is_some() => {
                self.comes(record, &caller(guest, Endpoint::Messages), found);
            }
            Entry::FrameOut {
                guest,
                about: About::Refused { retry_after: Some(told), .. },
                ..
            } => {
                if let Some(wait_ms) = wait_ms(told, wall) {
                    self.hold(record.at_ms, caller(guest, Endpoint::Messages), wait_ms);
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
        let (guest, endpoint) = caller;
        let text = format!(
            "{endpoint} came at {}, though it was told at {} to wait until {}",
            secs(record.at_ms),
            secs(since),
            secs(until),
        );
        let (at_ms, seq, guest) = (record.at_ms, record.seq, Some(guest.clone()));
        found.push(Finding { oracle: RETRY_AFTER, at_ms, seq, guest, text });
    }
}

fn caller(guest: &str, endpoint: Endpoint) -> Caller {
    (guest.to_owned(), endpoint)
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
