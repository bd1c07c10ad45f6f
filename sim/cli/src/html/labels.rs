//! What each event is called on the page, by which kind it is filtered, and which message it is about.

use holdline_sim::trace::event::{Event, Frame, Kind};
use holdline_sim::trace::journeys::transit;
use holdline_sim::trace::notes::{Note, Sockets, note_of};
use holdline_sim::trace::tab_lanes::word;

/// What an event is filtered by. The page knows them by their place in this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// What people write, and what becomes of it.
    Messages,
    /// Guests, tokens, handshakes, and what the client says of them.
    Connection,
    /// Ping and pong.
    Heartbeat,
    /// The life of tabs, and who leads.
    Tabs,
    /// Faults, hosts and phases.
    Faults,
    /// What the diagram leaves out.
    Details,
}

/// An event's text and group; `sockets` has seen it already.
pub(super) fn words(event: &Event, sockets: &Sockets) -> (String, Group) {
    if let Some((_, _, label)) = transit(event) {
        return (label, group_of(&event.kind));
    }
    match note_of(event, sockets) {
        Some(Note::Said(text) | Note::Proxy(text) | Note::Banner(text)) => {
            (text, group_of(&event.kind))
        }
        Some(Note::Life(_, life)) => (word(life).to_owned(), Group::Tabs),
        None => (detail(&event.kind), Group::Details),
    }
}

fn group_of(kind: &Kind) -> Group {
    match kind {
        Kind::FrameIn { frame: Frame::Ping | Frame::Pong, .. }
        | Kind::FrameOut { frame: Frame::Ping | Frame::Pong, .. } => Group::Heartbeat,
        Kind::Leads { .. }
        | Kind::Follows { .. }
        | Kind::Degraded { .. }
        | Kind::Claimed { .. }
        | Kind::Wrote { .. } => Group::Tabs,
        Kind::Fired { .. }
        | Kind::Cut { .. }
        | Kind::Fault { .. }
        | Kind::Host { .. }
        | Kind::World { .. }
        | Kind::Healed
        | Kind::Quiet => Group::Faults,
        kind if kind.message().is_some() => Group::Messages,
        _ => Group::Connection,
    }
}

/// What the diagram says nothing about.
fn detail(kind: &Kind) -> String {
    match kind {
        Kind::Connecting { conn } => format!("connects ({conn})"),
        Kind::Connected { conn } => format!("is connected ({conn})"),
        Kind::Partial { conn } => format!("bytes that make no frame yet ({conn})"),
        Kind::Ended { conn, end } => format!("connection {conn}: {end}"),
        Kind::Wrote { epoch, .. } => format!("writes as of epoch {epoch}"),
        Kind::SocketOpened { guest, socket } => format!("socket {socket} of guest {guest} opens"),
        Kind::SocketClosed { guest, socket } => format!("socket {socket} of guest {guest} closes"),
        other => format!("{other:?}"),
    }
}
