//! retry-after: after a 429 or a 503 that names a time has arrived at the client, nothing goes out
//! to the same door before that time. A 429 without a valid time names the default. For messages
//! the door has two wings: the POST, and the frame on the socket, which names its time in an
//! error frame.
//!
//! Neither a user who asks to reconnect nor a crash excuses anything: the wait is journalled, by the
//! wall clock; one that is put forward shortens it for whoever reads the journal or a date. Ignores
//! other doors, answers that never arrived, error frames that name no time, and those that are read
//! behind the client's own close frame, when it has hung up, or in the very moment in which its token is
//! refused, when it lets go of the message that it had sent with it. The first request that comes too early is
//! told, not those behind it.
//!
//! The tabs of a browser knock at the door as one, but for those that run apart. The others are
//! excused while the word spreads, and if the tab that was told went before it could pass it on,
//! or while the store refuses to keep it: for want of room, or because the tab leads no more. So is the
//! next page of a tab that ran apart, which has no store to remember in.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{
    Bounds, Oracle, Violation, ends_page, guests, is_clock_put, is_crash, is_data_cleared,
    is_restart, named, secs,
};
use crate::trace::{Endpoint, Event, Frame, Kind, Lane, Life};

pub(super) const ORACLE: Oracle = Oracle {
    id: "retry-after",
    holds_when: "no request goes out before the time the server named",
    judge,
};

/// A tab has so long to let the others know.
const SPREADS_WITHIN: Duration = Duration::from_millis(100);

/// Whose door it is: `None` for the tabs that knock together.
type Door = (Option<Lane>, Endpoint);

/// A door that the server has closed for a while.
struct Hold {
    told: Lane,
    since: Duration,
    until: Duration,
    /// What arrived, and when.
    because: String,
    /// Whether the store refused to keep it.
    unsaved: bool,
    /// Whether the wall clock was put forward since, or before without the process having seen it.
    shortened: bool,
    /// Whether the client's machine stopped since.
    crashed: bool,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut holds: BTreeMap<Door, Hold> = BTreeMap::new();
    let apart = guests::apart(events);
    let mut clock_put = false;
    // The wall clock is ahead of the one that the running process goes by.
    let mut ahead = false;
    let mut hung_up = BTreeSet::new();
    let mut rejected = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if is_data_cleared(&event.kind) {
            holds.clear();
        }
        ahead &= !is_restart(&event.kind);
        if is_clock_put(&event.kind) {
            (clock_put, ahead) = (true, true);
            for hold in holds.values_mut() {
                hold.shortened = true;
            }
        } else if is_crash(&event.kind) {
            for hold in holds.values_mut() {
                hold.crashed = true;
            }
        }
        holds.retain(|_, hold| !(hold.shortened && hold.crashed));
        if let Kind::Wrote { accepted, .. } = event.kind {
            let of_tab = holds.values_mut().filter(|hold| hold.told == event.lane);
            of_tab.for_each(|hold| hold.unsaved = !accepted);
        }
        if is_gone(&event.kind) {
            holds.retain(|(whose, _), hold| {
                let forgets = whose.is_some() && is_end_of_page(&event.kind);
                hold.told != event.lane || hold.is_passed_on(event) && !forgets
            });
        }
        // What the store would not keep goes with the client that was told.
        if matches!(event.kind, Kind::Follows { .. }) {
            holds.retain(|_, hold| hold.told != event.lane || !hold.unsaved);
        }
        if !event.lane.is_client() {
            continue;
        }
        match event.kind {
            Kind::FrameOut { conn, frame: Frame::Close(_) } => {
                hung_up.insert((event.lane, conn));
            }
            Kind::FrameIn { conn, .. } if hung_up.contains(&(event.lane, conn)) => continue,
            _ => {}
        }
        if let Kind::Answer { status: 401, .. } = event.kind {
            rejected.insert(event.lane, event.at);
        }
        let whose = apart.get(&event.lane).copied();
        if let Some((door, mut hold)) = refusal(event, bounds, clock_put) {
            hold.shortened = ahead;
            if door == Endpoint::Messages && rejected.get(&event.lane) == Some(&event.at) {
                continue;
            }
            let door = (whose, door);
            let longer = holds.get(&door).is_none_or(|current| current.until < hold.until);
            if longer {
                holds.insert(door, hold);
            }
        } else if let Some((door, what)) = departure(&event.kind)
            && let door = (whose, door)
            && holds.get(&door).is_some_and(|hold| hold.is_known_to(event))
            && let Some(hold) = holds.remove(&door)
            && event.at < hold.until
        {
            let text = format!(
                "{what} went out at {}, {} before {}, the time that the server named with the {}",
                secs(event.at),
                secs(hold.until.saturating_sub(event.at)),
                secs(hold.until),
                hold.because
            );
            found.push(ORACLE.violation(events, index, text).about(event.kind.message()));
        }
    }
    found
}

impl Hold {
    fn is_known_to(&self, event: &Event) -> bool {
        event.lane == self.told || self.is_passed_on(event)
    }

    fn is_passed_on(&self, event: &Event) -> bool {
        !self.unsaved && !self.shortened && event.at > self.since + SPREADS_WITHIN
    }
}

/// Whether a tab is no longer there to tell the others.
fn is_gone(kind: &Kind) -> bool {
    ends_page(kind) || matches!(kind, Kind::Life { life: Life::Frozen })
}

/// Whether a page ends with all that it remembers; one that runs apart has remembered it for nobody else.
fn is_end_of_page(kind: &Kind) -> bool {
    matches!(kind, Kind::Life { life: Life::Closed | Life::Crashed | Life::Reloaded })
}

fn refusal(event: &Event, bounds: &Bounds, clock_put: bool) -> Option<(Endpoint, Hold)> {
    let (door, status, value) = match &event.kind {
        Kind::Answer { endpoint, status: status @ (429 | 503), retry_after, .. } => {
            (*endpoint, *status, retry_after.as_deref())
        }
        Kind::FrameIn { frame: Frame::Error { status: 429, retry_after, .. }, .. } => {
            (Endpoint::Messages, 429, Some(retry_after.as_deref()?))
        }
        _ => return None,
    };
    // A date is read by the client's own clock.
    if clock_put && value.is_some_and(|value| value.ends_with("GMT")) {
        return None;
    }
    let until = named::until(status, value, event.at, bounds)?;
    let said = value.map_or_else(|| "without Retry-After".to_owned(), |v| format!("after {v:?}"));
    let because = format!("{status} {said} of {}", secs(event.at));
    Some((
        door,
        Hold {
            told: event.lane,
            since: event.at,
            until,
            because,
            unsaved: false,
            shortened: false,
            crashed: false,
        },
    ))
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
