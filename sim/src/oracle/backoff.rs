//! backoff: after a failure of the reconnect flow the next try comes within the window, the window
//! grows to the cap and keeps its jitter there, and no door is ever hammered.
//!
//! A failure is a connection that did not come about, a refusal by a door of the flow, a request
//! left without an answer, or the end of an open socket. The count starts again only after a socket
//! that was stable. A user who asks to reconnect excuses one delay, a time that the server named
//! prolongs it; the first try of a page that was opened, reloaded or woken is the user's. Ignores tries that never came (a terminal state is silent), a 401 that a refresh
//! answers, the end by shutdown or crash, and messages' own backoff.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::flow::{self, Failure, Start};
use super::{Bounds, Oracle, Violation, secs};
use crate::trace::{Endpoint, Event};

pub(super) const ORACLE: Oracle = Oracle {
    id: "backoff",
    holds_when: "delays stay in the configured envelope, keep jitter at the cap, and reset only \
                 after a stable connection",
    judge,
};

/// What a try may take on top of its delay.
const SLACK: Duration = Duration::from_secs(2);
/// Jitter that may be added to a time the server named.
const TOLD_JITTER: Duration = Duration::from_secs(1);
/// More than this many starts at one door within [`HOT_WITHIN`] are a hot loop.
const HOT_STARTS: usize = 10;
const HOT_WITHIN: Duration = Duration::from_secs(10);
/// So many delays in a row show whether there is growth and jitter.
const RUN: usize = 6;
/// Delays at the cap that all lie within this part of it have no jitter: a three-hundredth, 50 ms of
/// 15 s. Whoever draws from a tenth of the cap does not come so close six times in ten million runs.
const SPREAD_PART: u32 = 300;
/// Delays at the cap that are all below this part of it have not grown: an eighth.
const GROWN_PART: u32 = 8;

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let clients = flow::starts(events, bounds).into_iter();
    clients.flat_map(|starts| judge_one(events, bounds, starts)).collect()
}

/// The flow of one client, or of one tab.
fn judge_one(events: &[Event], bounds: &Bounds, starts: Vec<Start>) -> Vec<Violation> {
    let mut doors = Doors::default();
    let mut run = Run::default();
    let mut found = Vec::new();
    for start in starts {
        let mut tell = |text| found.push(ORACLE.violation(events, start.index, text));
        if let Some(text) = doors.on(&start) {
            tell(text);
        }
        let Some(failure) = start.after.as_ref().filter(|_| !start.asked) else { continue };
        if let Some(text) = too_late(&start, failure, bounds) {
            tell(text);
        }
        if let Some(text) = run.on(&start, failure, bounds) {
            tell(text);
        }
    }
    found
}

/// The widest delay after the `n`-th failure in a row.
fn window(n: u32, bounds: &Bounds) -> Duration {
    let factor = 1_u32.checked_shl(n.saturating_sub(1)).unwrap_or(u32::MAX);
    bounds.backoff_base.saturating_mul(factor).min(bounds.backoff_cap)
}

fn too_late(start: &Start, failure: &Failure, bounds: &Bounds) -> Option<String> {
    let delay = start.at.saturating_sub(failure.at);
    let told = start.told_until.saturating_sub(failure.at);
    let told = if told.is_zero() { told } else { told + TOLD_JITTER };
    let window = window(failure.most, bounds);
    let limit = window.max(told) + start.late + SLACK;
    (delay > limit).then(|| {
        format!(
            "the try at {} came {} after failure number {} of {}, outside the window of {}",
            secs(start.at),
            secs(delay),
            failure.most,
            secs(failure.at),
            secs(window.max(told) + start.late)
        )
    })
}

/// Recent starts by door.
#[derive(Default)]
struct Doors {
    recent: BTreeMap<Endpoint, VecDeque<(Duration, bool)>>,
}

impl Doors {
    fn on(&mut self, start: &Start) -> Option<String> {
        if start.asked {
            return None;
        }
        if start.fresh {
            self.recent.clear();
        }
        // A connection without a request may have been for any of them.
        let all = [Endpoint::Guests, Endpoint::Refresh, Endpoint::Socket];
        let mut hot = None;
        for door in all.into_iter().filter(|door| start.door.is_none_or(|at| at == *door)) {
            let recent = self.recent.entry(door).or_default();
            recent.push_back((start.at, start.certain));
            while recent.front().is_some_and(|(first, _)| *first + HOT_WITHIN < start.at) {
                recent.pop_front();
            }
            // A message that is pending may be what half of the tries are for.
            let doubtful = recent.iter().filter(|(_, certain)| !certain).count();
            let limit = HOT_STARTS + doubtful.min(HOT_STARTS);
            if recent.len() > limit {
                hot = Some((recent.len(), limit));
            }
        }
        let (starts, limit) = hot?;
        self.recent.clear();
        let door = start.door.map_or_else(|| "connect".to_owned(), |door| door.to_string());
        Some(format!(
            "hot loop: {starts} tries to {door} in the {} before {}; expected {limit} at most",
            secs(HOT_WITHIN),
            secs(start.at)
        ))
    }
}

/// Consecutive delays once the window should be at the cap.
#[derive(Default)]
struct Run {
    delays: VecDeque<Duration>,
}

impl Run {
    fn on(&mut self, start: &Start, failure: &Failure, bounds: &Bounds) -> Option<String> {
        let at_cap = window(failure.least, bounds) >= bounds.backoff_cap;
        let put_off = start.told_until > failure.at || !start.late.is_zero();
        if !at_cap || !failure.certain || put_off {
            self.delays.clear();
            return None;
        }
        self.delays.push_back(start.at.saturating_sub(failure.at));
        if self.delays.len() > RUN {
            self.delays.pop_front();
        }
        if self.delays.len() < RUN {
            return None;
        }
        let (least, most) = (self.delays.iter().min()?, self.delays.iter().max()?);
        let cap = secs(bounds.backoff_cap);
        let text = if *most < bounds.backoff_cap / GROWN_PART {
            format!(
                "no growth: {RUN} delays in a row were at most {}, {} failures after the last \
                 stable socket (cap {cap})",
                secs(*most),
                failure.least
            )
        } else if most.saturating_sub(*least) < bounds.backoff_cap / SPREAD_PART {
            format!(
                "no jitter at the cap: {RUN} delays in a row were all between {} and {} (cap {cap})",
                secs(*least),
                secs(*most)
            )
        } else {
            return None;
        };
        self.delays.clear();
        Some(text)
    }
}
