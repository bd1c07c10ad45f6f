//! dead-peer: a client's WebSocket through which nothing comes in any more is left within the
//! bound, and one through which something just came is not let go of without a word.
//!
//! A socket lives from its 101 to its end, and a part of a frame is as good a sign as a whole one.
//! Ignores how the silence came about (outgoing traffic proves nothing), sockets that the other
//! side or the kernel ended, and reasons that are not the health monitor's: a close frame either
//! way, a shutdown, a crash, a refusal (400 and above) that arrived at the same moment, and the
//! last moment of a log, when a world that is taken down takes its sockets along.
//!
//! In a browser: a frozen tab hears nothing, and the measuring begins anew when it runs again; in a
//! hidden one timers may be late, by a minute in the end; and a tab lets go of its socket when it hands
//! over, when the user asks for another one, when the browser fails it, and with the end of its page.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::bounds::SECOND;
use super::{Bounds, Oracle, Violation, end_of, ends_page, is_crash, secs, who};
use crate::trace::browser::{Browser, Place, Tab};
use crate::trace::event::letter;
use crate::trace::reports::Wish;
use crate::trace::{End, Event, Frame, Kind, Lane};

pub(super) const ORACLE: Oracle = Oracle {
    id: "dead-peer",
    holds_when: "a dead connection is noticed within the bound, and a healthy one is never killed \
                 by the health monitor",
    judge,
};

/// Late by this much is not late.
const SLACK: Duration = Duration::from_secs(1);
/// A socket that brought something within this time is healthy.
const HEALTHY: Duration = Duration::from_secs(20);

/// A tab may say so long before or after that it handed over.
const HAND_OVER: Duration = Duration::from_secs(1);

struct Socket {
    /// The last sign of life, at first the 101.
    last: Duration,
    /// When anything last came in, a whole frame or a part of one.
    heard: Option<Duration>,
    /// Whether a close frame passed, either way.
    closing: bool,
    pace: Pace,
}

/// How the timers of a socket's tab run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    Usual,
    /// Hidden since then.
    Late(Duration),
    Stopped,
}

fn pace_of(browser: &Browser, lane: Lane) -> Pace {
    match browser.tab(lane) {
        Some(tab) if tab.place == Place::Frozen => Pace::Stopped,
        tab => tab.and_then(Tab::hidden).map_or(Pace::Usual, Pace::Late),
    }
}

struct Watch<'a> {
    events: &'a [Event],
    bounds: &'a Bounds,
    open: BTreeMap<(Lane, u32), Socket>,
    found: Vec<Violation>,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut watch = Watch { events, bounds, open: BTreeMap::new(), found: Vec::new() };
    let mut browser = Browser::default();
    let mut shutting_down: BTreeSet<Lane> = BTreeSet::new();
    for (index, event) in events.iter().enumerate() {
        browser.on(event);
        if is_crash(&event.kind) {
            watch.leave(event.at, |_| true);
            shutting_down.clear();
        }
        if matches!(event.kind, Kind::Asked { what: Wish::ShutDown }) {
            shutting_down.insert(event.lane);
        }
        let lane = event.lane;
        if !lane.is_client() {
            continue;
        }
        match &event.kind {
            Kind::Answer { conn, status: 101, .. } => {
                let pace = pace_of(&browser, lane);
                let socket = Socket { last: event.at, heard: None, closing: false, pace };
                watch.open.insert((lane, *conn), socket);
            }
            Kind::FrameIn { conn, .. } | Kind::Partial { conn } => {
                watch.silence((lane, *conn), event.at);
                let Some(socket) = watch.open.get_mut(&(lane, *conn)) else { continue };
                socket.last = event.at;
                socket.heard = Some(event.at);
                socket.closing |=
                    matches!(event.kind, Kind::FrameIn { frame: Frame::Close(_), .. });
            }
            Kind::FrameOut { conn, frame: Frame::Close(_) } => {
                if let Some(socket) = watch.open.get_mut(&(lane, *conn)) {
                    socket.closing = true;
                }
            }
            Kind::Ended { conn, end } => {
                let own = matches!(end, End::Own | End::OwnRst);
                watch.ended(index, *conn, own && !shutting_down.contains(&lane));
            }
            Kind::Life { .. } => watch.life(event, &browser),
            _ => {}
        }
    }
    watch.leave(end_of(events), |_| true);
    watch.found
}

impl Watch<'_> {
    /// Takes sockets off the list without asking why.
    fn leave(&mut self, at: Duration, which: impl Fn(Lane) -> bool) {
        let leaving: Vec<_> = self.open.keys().copied().filter(|(lane, _)| which(*lane)).collect();
        for key in leaving {
            self.silence(key, at);
            self.open.remove(&key);
        }
    }

    fn life(&mut self, event: &Event, browser: &Browser) {
        if ends_page(&event.kind) {
            return self.leave(event.at, |lane| lane == event.lane);
        }
        let pace = pace_of(browser, event.lane);
        let keys: Vec<_> =
            self.open.keys().copied().filter(|(lane, _)| *lane == event.lane).collect();
        for key in keys {
            self.silence(key, event.at);
            let Some(socket) = self.open.get_mut(&key) else { continue };
            // Timers that were late or stopped are due now, and have to do their work first.
            if socket.pace != pace && socket.pace != Pace::Usual {
                socket.last = event.at;
            }
            socket.pace = pace;
        }
    }

    fn ended(&mut self, index: usize, conn: u32, own: bool) {
        let event = &self.events[index];
        self.silence((event.lane, conn), event.at);
        let Some(socket) = self.open.remove(&(event.lane, conn)) else { return };
        if own && was_healthy(&socket, event.at) && !excused(self.events, index) {
            let text = format!(
                "{} let go of connection {conn} at {}, {} after something came in: a healthy link was \
                 killed",
                who(event.lane),
                secs(event.at),
                secs(event.at.saturating_sub(socket.heard.unwrap_or(socket.last)))
            );
            self.found.push(ORACLE.violation(self.events, index, text));
        }
    }

    fn silence(&mut self, (lane, conn): (Lane, u32), now: Duration) {
        let Some(socket) = self.open.get(&(lane, conn)) else { return };
        let hidden = match socket.pace {
            Pace::Stopped => return,
            Pace::Late(since) => Some(since),
            Pace::Usual => None,
        };
        let on_time = socket.last + self.bounds.dead_peer;
        // The probe is late, and so is the look at whether it was answered.
        let behind = self.bounds.late_by(hidden, on_time + SECOND) * 2;
        let due = on_time + behind + SLACK;
        if now > due {
            let text = format!(
                "the socket on connection {conn}{} was still open at {}, though nothing had come \
                 in since {}; expected it to be closed within {}",
                lane.tab().map(|tab| format!(" of tab {}", letter(tab))).unwrap_or_default(),
                secs(due),
                secs(socket.last),
                secs(self.bounds.dead_peer)
            );
            self.found.push(ORACLE.violation_by(self.events, due, text));
        }
    }
}

fn was_healthy(socket: &Socket, now: Duration) -> bool {
    !socket.closing && socket.heard.is_some_and(|heard| now <= heard + HEALTHY)
}

/// Whether something else at the very moment of event `index` explains that the client let go.
fn excused(events: &[Event], index: usize) -> bool {
    let (at, lane) = (events[index].at, events[index].lane);
    if at == end_of(events) {
        return true;
    }
    let from = events.partition_point(|event| event.at < at);
    let at_once = |event: &Event| match &event.kind {
        Kind::Answer { status, .. } => event.lane == lane && *status >= 400,
        Kind::Life { .. } => event.lane == lane,
        Kind::Asked { what: Wish::ShutDown } => true,
        kind => is_crash(kind),
    };
    if events[from..].iter().take_while(|event| event.at == at).any(at_once) {
        return true;
    }
    lane.tab().is_some() && {
        let from = events.partition_point(|event| event.at + HAND_OVER < at);
        let near = events[from..].iter().take_while(|event| event.at <= at + HAND_OVER);
        near.into_iter().any(|event| match &event.kind {
            Kind::Follows { .. } | Kind::Degraded { .. } => event.lane == lane,
            Kind::Wrote { accepted, .. } => event.lane == lane && !accepted,
            Kind::Claimed { .. } => event.lane != lane,
            Kind::World { .. } | Kind::Asked { what: Wish::Reconnect } => true,
            _ => false,
        })
    }
}
