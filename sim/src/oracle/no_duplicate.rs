//! no-duplicate: a message is stored once, shown once, and reported once.
//!
//! It goes by the name of a message, so a second id, the other road or another guest make no
//! difference. Ignores copies that the cloud recognised as such (`Duplicate`): sending again is
//! how a lost acknowledgement is survived; and a copy for a new guest if the next tab cannot know the old
//! one: the store had refused to keep it, or the page that created it ended while it was being
//! stored. A restart excuses nothing, because what was stored, shown or reported is journalled. In a browser each page shows and reports for itself, and a new
//! page of a tab has shown nothing yet.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bounds, Oracle, Violation, ends_page, is_not_kept, secs};
use crate::trace::browser::Browser;
use crate::trace::{Endpoint, Event, Kind, Lane, Message};

pub(super) const ORACLE: Oracle = Oracle {
    id: "no-duplicate",
    holds_when: "no message is in the conversation twice, and none is shown or reported twice",
    judge,
};

/// A page has stored its new guest within this time.
const SAVES_WITHIN: Duration = Duration::from_millis(100);

/// What may happen to a message only once: in all, or on each lane and page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Once {
    Stored(Option<u32>),
    Shown(Lane, u32),
    Reported(Lane, u32),
}

fn judge(events: &[Event], _bounds: &Bounds) -> Vec<Violation> {
    let mut before: BTreeMap<(Once, Message), usize> = BTreeMap::new();
    let mut browser = Browser::default();
    let mut forgetful = false;
    let mut unsaved: BTreeMap<Lane, Duration> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        browser.on(event);
        let page = browser.page(event.lane);
        forgetful |= is_not_kept(&event.kind);
        if let Kind::Answer { endpoint: Endpoint::Guests, status: 200..300, .. } = event.kind {
            unsaved.insert(event.lane, event.at + SAVES_WITHIN);
        } else if ends_page(&event.kind) {
            forgetful |= unsaved.get(&event.lane).is_some_and(|until| event.at < *until);
        }
        let Some((once, message)) = happening(&event.kind, event.lane, page) else { continue };
        let once = match (&event.kind, once) {
            (Kind::Stored { guest, .. }, Once::Stored(_)) if forgetful => {
                Once::Stored(Some(*guest))
            }
            _ => once,
        };
        let first = *before.entry((once, message)).or_insert(index);
        if first < index {
            let [again, first] = [event, &events[first]].map(told);
            let text = format!("{message} was {again}, after it was {first}; expected once");
            found.push(ORACLE.violation(events, index, text).about([message]));
        }
    }
    found
}

fn happening(kind: &Kind, lane: Lane, page: u32) -> Option<(Once, Message)> {
    Some(match kind {
        Kind::Stored { message, .. } => (Once::Stored(None), *message),
        Kind::Shown { message } => (Once::Shown(lane, page), *message),
        Kind::Delivered { message } | Kind::Failed { message, .. } => {
            (Once::Reported(lane, page), *message)
        }
        _ => return None,
    })
}

/// What happened to the message, and when.
fn told(event: &Event) -> String {
    let what = match &event.kind {
        Kind::Stored { guest, route, .. } => format!("stored for guest {guest} by {route}"),
        Kind::Shown { .. } => "shown".to_owned(),
        Kind::Failed { reason, .. } => format!("reported failed ({reason})"),
        _ => "reported delivered".to_owned(),
    };
    format!("{what} at {}", secs(event.at))
}
