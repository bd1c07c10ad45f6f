//! fenced: no write of an epoch that is over is accepted, epochs only rise, and a tab that another
//! has replaced acts as the leader no more.
//!
//! Acting is sending a message, on either road, and saying that one leads. A tab has the time of a
//! hand-over to notice, counted from when it runs again if it was frozen. Ignores tabs that run
//! apart, and epochs from before the site's data was cleared, which takes the epoch along.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bounds, Oracle, Violation, guests, has_tabs, is_data_cleared, secs};
use crate::trace::browser::Browser;
use crate::trace::event::letter;
use crate::trace::{Endpoint, Event, Frame, Kind};

pub(super) const ORACLE: Oracle = Oracle {
    id: "fenced",
    holds_when: "no write of an older epoch is accepted, and nobody acts as leader who is not",
    judge,
};

/// The highest epoch, whose it is and since when.
#[derive(Clone, Copy)]
struct Claim {
    epoch: u64,
    tab: u8,
    at: Duration,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    if !has_tabs(events) {
        return Vec::new();
    }
    let apart = guests::apart(events);
    let mut browser = Browser::default();
    let mut highest: Option<Claim> = None;
    // When each tab was replaced; it is told once.
    let mut replaced: BTreeMap<u8, Claim> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        browser.on(event);
        if is_data_cleared(&event.kind) {
            highest = None;
            replaced.clear();
        }
        let Some(tab) = event.lane.tab().filter(|_| !apart.contains(&event.lane)) else { continue };
        let (name, at) = (letter(tab), event.at);
        let mut tell =
            |text| found.push(ORACLE.violation(events, index, text).about(event.kind.message()));
        match &event.kind {
            Kind::Wrote { epoch, stored, accepted: true } if epoch < stored => tell(format!(
                "the store accepted a write of tab {name} at {} as of epoch {epoch}, though its epoch was \
                 {stored}",
                secs(at)
            )),
            Kind::Claimed { epoch } => {
                if let Some(claim) = highest.filter(|claim| claim.epoch >= *epoch) {
                    tell(format!(
                        "tab {name} claimed epoch {epoch} at {}, though tab {} had {} since {}",
                        secs(at),
                        letter(claim.tab),
                        claim.epoch,
                        secs(claim.at)
                    ));
                }
                let claim = Claim { epoch: *epoch, tab, at: event.at };
                if let Some(old) = highest.filter(|old| old.tab != tab) {
                    replaced.insert(old.tab, claim);
                }
                replaced.remove(&tab);
                highest = Some(claim);
            }
            kind => {
                let Some((what, claim)) = acts(kind).zip(replaced.get(&tab).copied()) else {
                    continue;
                };
                let running = browser.tab(event.lane).map_or(claim.at, |tab| tab.running_since);
                let noticed = claim.at.max(running) + bounds.hand_over;
                if event.at > noticed {
                    replaced.remove(&tab);
                    tell(format!(
                        "tab {name} {what} at {}, though tab {} had claimed epoch {} at {}",
                        secs(at),
                        letter(claim.tab),
                        claim.epoch,
                        secs(claim.at)
                    ));
                }
            }
        }
    }
    found
}

/// What only a leader does.
fn acts(kind: &Kind) -> Option<String> {
    Some(match kind {
        Kind::Leads { epoch, .. } => format!("said that it leads epoch {epoch}"),
        Kind::FrameOut { frame: Frame::Message(message), .. } => format!("sent {message}"),
        Kind::Request { endpoint: Endpoint::Messages, message, .. } => {
            format!("posted {}", message.map_or("a message".into(), |message| message.to_string()))
        }
        _ => return None,
    })
}
