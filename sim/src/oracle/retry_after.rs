//! retry-after: after a 429 or a 503 that names a time has arrived at the client, nothing goes out
//! to the same door before that time. A 429 without a valid time names the default. For messages
//! the door has two wings: the POST, and the frame on the socket, which names its time in an
//! error frame.
//!
//! Neither a user who asks to reconnect nor a crash excuses anything: the wait is journalled. Ignores
//! other doors, answers that never arrived, and error frames that name no time. The first request that
//! comes too early is told, not those behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bounds, Oracle, Violation, named, secs};
use crate::trace::{Endpoint, Event, Frame, Kind, Lane};

pub(super) const ORACLE: Oracle = Oracle {
    id: "retry-after",
    holds_when: "no request goes out before the time the server named",
    judge,
};

/// A door that the server has closed for a while.
struct Hold {
    until: Duration,
    /// What arrived, and when.
    because: String,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut holds: BTreeMap<Endpoint, Hold> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if event.lane != Lane::Client {
            continue;
        }
        if let Some((door, hold)) = refusal(event, bounds) {
            let longer = holds.get(&door).is_none_or(|current| current.until < hold.until);
            if longer {
                holds.insert(door, hold);
            }
        } else if let Some((door, what)) = departure(&event.kind)
            && let Some(hold) = holds.remove(&door)
            && event.at < hold.until
        {
            let text = format!(
                "{what} went out at {}, {} before {}, the time named by the {}",
                secs(event.at),
                secs(hold.until.saturating_sub(event.at)),
                secs(hold.until),
                hold.because
            );
            found.push(ORACLE.violation(events, index, text));
        }
    }
    found
}

fn refusal(event: &Event, bounds: &Bounds) -> Option<(Endpoint, Hold)> {
    let (door, status, value) = match &event.kind {
        Kind::Answer { endpoint, status: status @ (429 | 503), retry_after, .. } => {
            (*endpoint, *status, retry_after.as_deref())
        }
        Kind::FrameIn { frame: Frame::Error { status: 429, retry_after, .. }, .. } => {
            (Endpoint::Messages, 429, Some(retry_after.as_deref()?))
        }
        _ => return None,
    };
    let until = named::until(status, value, event.at, bounds)?;
    let said = value.map_or_else(|| "without Retry-After".to_owned(), |v| format!("after {v:?}"));
    let because = format!("{status} {said} of {}", secs(event.at));
    Some((door, Hold { until, because }))
}

fn departure(kind: &Kind) -> Option<(Endpoint, String)> {
    match kind {
        Kind::Request { endpoint, message, .. } => {
            let message = message.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            Some((*endpoint, format!("{endpoint}{message}")))
        }
        Kind::FrameOut { frame: Frame::Message(message), .. } => {
            Some((Endpoint::Messages, format!("{message} on the socket")))
        }
        _ => None,
    }
}
