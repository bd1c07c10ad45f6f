//! dead-peer: a client's WebSocket through which nothing comes in any more is left within the
//! bound, and one through which something just came is not let go of without a word.
//!
//! A socket lives from its 101 to its end, and a part of a frame is as good a sign as a whole one.
//! Ignores how the silence came about (outgoing traffic proves nothing), sockets that the other
//! side or the kernel ended, and reasons that are not the health monitor's: a close frame either
//! way, a shutdown, a crash, a refusal (400 and above) that arrived at the same moment, and the
//! last moment of a log, when a world that is taken down takes its sockets along.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Bounds, Oracle, SHUT_DOWN, Violation, end_of, is_asked, is_crash, secs};
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

struct Socket {
    /// The last sign of life, at first the 101.
    last: Duration,
    /// Whether anything came in, a whole frame or a part of one.
    heard: bool,
    /// Whether a close frame passed, either way.
    closing: bool,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let mut open: BTreeMap<u32, Socket> = BTreeMap::new();
    let mut shutting_down = false;
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if is_crash(&event.kind) {
            for (conn, socket) in std::mem::take(&mut open) {
                found.extend(silence(events, bounds, conn, &socket, event.at));
            }
            shutting_down = false;
        }
        shutting_down |= is_asked(&event.kind, SHUT_DOWN);
        if event.lane != Lane::Client {
            continue;
        }
        match &event.kind {
            Kind::Answer { conn, status: 101, .. } => {
                open.insert(*conn, Socket { last: event.at, heard: false, closing: false });
            }
            Kind::FrameIn { conn, .. } | Kind::Partial { conn } => {
                let Some(socket) = open.get_mut(conn) else { continue };
                found.extend(silence(events, bounds, *conn, socket, event.at));
                socket.last = event.at;
                socket.heard = true;
                socket.closing |=
                    matches!(event.kind, Kind::FrameIn { frame: Frame::Close(_), .. });
            }
            Kind::FrameOut { conn, frame: Frame::Close(_) } => {
                if let Some(socket) = open.get_mut(conn) {
                    socket.closing = true;
                }
            }
            Kind::Ended { conn, end } => {
                let Some(socket) = open.remove(conn) else { continue };
                found.extend(silence(events, bounds, *conn, &socket, event.at));
                let own = matches!(end, End::Own | End::OwnRst);
                if own
                    && !shutting_down
                    && was_healthy(&socket, event.at)
                    && !excused(events, index)
                {
                    let text = format!(
                        "the client let go of connection {conn} at {}, {} after something came in: \
                         a healthy link was killed",
                        secs(event.at),
                        secs(event.at.saturating_sub(socket.last))
                    );
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            _ => {}
        }
    }
    for (conn, socket) in open {
        found.extend(silence(events, bounds, conn, &socket, end_of(events)));
    }
    found
}

fn silence(
    events: &[Event],
    bounds: &Bounds,
    conn: u32,
    socket: &Socket,
    now: Duration,
) -> Option<Violation> {
    let due = socket.last + bounds.dead_peer + SLACK;
    (now > due).then(|| {
        let text = format!(
            "the socket on connection {conn} was still open at {}, though nothing had come in \
             since {} (limit {})",
            secs(due),
            secs(socket.last),
            secs(bounds.dead_peer)
        );
        ORACLE.violation_by(events, due, text)
    })
}

fn was_healthy(socket: &Socket, now: Duration) -> bool {
    socket.heard && !socket.closing && now <= socket.last + HEALTHY
}

/// Whether something else at the very moment of event `index` explains that the client let go.
fn excused(events: &[Event], index: usize) -> bool {
    let at = events[index].at;
    if at == end_of(events) {
        return true;
    }
    let from = events.partition_point(|event| event.at < at);
    events[from..].iter().take_while(|event| event.at == at).any(|event| match &event.kind {
        Kind::Answer { status, .. } => event.lane == Lane::Client && *status >= 400,
        kind => is_crash(kind) || is_asked(kind, SHUT_DOWN),
    })
}
