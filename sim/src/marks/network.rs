//! Marks of the network: how connections end and fail, and what that happens in the middle of.

use super::scene::Scene;
use super::{Mark, on};
use crate::trace::conditions::{Effect, Host};
use crate::trace::event::ConnectError;
use crate::trace::{End, Endpoint, Event, Kind};

pub(super) const MARKS: &[Mark] = &[
    Mark {
        name: "socket-ended-by-fin",
        reached_when: "a client's socket ends with FIN and no close frame",
        on: on::ENDED,
        at: |event, scene| ends_open(event, scene, End::Fin),
    },
    Mark {
        name: "socket-ended-by-rst",
        reached_when: "a client's socket ends with RST",
        on: on::ENDED,
        at: |event, scene| ends_open(event, scene, End::Rst),
    },
    Mark {
        name: "kernel-gave-up",
        reached_when: "a client's connection ends because nothing sent was ever confirmed",
        on: on::ENDED,
        at: |event, _| {
            event.lane.is_client() && matches!(event.kind, Kind::Ended { end: End::TimedOut, .. })
        },
    },
    Mark {
        name: "connect-failed",
        reached_when: "a client's connection does not come about",
        on: on::CONNECT_FAILED,
        at: |event, _| {
            event.lane.is_client()
                && matches!(event.kind, Kind::ConnectFailed { error: ConnectError::Io(_), .. })
        },
    },
    Mark {
        name: "connect-given-up",
        reached_when: "a client gives up a connection that never stood",
        on: on::CONNECT_FAILED,
        at: |event, _| {
            event.lane.is_client()
                && matches!(event.kind, Kind::ConnectFailed { error: ConnectError::GivenUp, .. })
        },
    },
    Mark {
        name: "cut-by-the-proxy",
        reached_when: "the proxy cuts a connection",
        on: on::CUT,
        at: |event, _| matches!(event.kind, Kind::Cut { .. }),
    },
    Mark {
        name: "frame-in-pieces",
        reached_when: "a part of a frame arrives at a client",
        on: on::PARTIAL,
        at: |event, _| event.lane.is_client() && matches!(event.kind, Kind::Partial { .. }),
    },
    Mark {
        name: "link-broken-with-a-message-on-its-way",
        reached_when: "a link fails while a message is on its way",
        on: on::FAULT,
        at: |event, scene| breaks(event) && scene.is_sending(),
    },
    Mark {
        name: "link-broken-while-refreshing",
        reached_when: "a link fails while a token is being refreshed",
        on: on::FAULT,
        at: |event, scene| breaks(event) && asks(scene, Endpoint::Refresh),
    },
    Mark {
        name: "link-broken-while-fetching-history",
        reached_when: "a link fails while missed messages are being fetched",
        on: on::FAULT,
        at: |event, scene| breaks(event) && asks(scene, Endpoint::History),
    },
    Mark {
        name: "link-broken-during-the-handshake",
        reached_when: "a link fails while a handshake is under way",
        on: on::FAULT,
        at: |event, scene| breaks(event) && asks(scene, Endpoint::Socket),
    },
    Mark {
        name: "two-links-broken",
        reached_when: "a link fails while another fault of a link lasts",
        on: on::FAULT,
        at: |event, scene| breaks(event) && !scene.links.is_empty(),
    },
    Mark {
        name: "proxy-down-under-a-socket",
        reached_when: "the proxy dies while a client's socket goes through it",
        on: on::HOST,
        at: |event, scene| dies(event, Host::Proxy) && scene.is_online(),
    },
    Mark {
        name: "client-dies-with-messages",
        reached_when: "the client's machine dies while messages have no outcome",
        on: on::HOST,
        at: |event, scene| dies(event, Host::Client) && scene.pending() > 0,
    },
    Mark {
        name: "client-dies-with-a-message-on-its-way",
        reached_when: "the client's machine dies while a message is on its way",
        on: on::HOST,
        at: |event, scene| dies(event, Host::Client) && scene.is_sending(),
    },
    Mark {
        name: "sent-by-the-next-life",
        reached_when: "a message goes out that was typed before its machine died",
        on: on::REQUEST,
        at: |event, scene| match &event.kind {
            Kind::Request { message: Some(message), .. } => {
                event.lane.is_client() && scene.before_crash.contains(message)
            }
            _ => false,
        },
    },
    Mark {
        name: "healed-offline",
        reached_when: "everything is healed while no client has a socket",
        on: on::HEALED,
        at: |event, scene| event.kind == Kind::Healed && !scene.is_online(),
    },
    Mark {
        name: "healed-with-messages",
        reached_when: "everything is healed while messages have no outcome",
        on: on::HEALED,
        at: |event, scene| event.kind == Kind::Healed && scene.pending() > 0,
    },
];

/// A fault of a link begins.
fn breaks(event: &Event) -> bool {
    matches!(
        &event.kind,
        Kind::Fault { what, on: true }
            if matches!(what.effect, Effect::Partition(_) | Effect::Hold(_))
    )
}

fn dies(event: &Event, who: Host) -> bool {
    event.kind == Kind::Host { host: who, up: false }
}

fn asks(scene: &Scene<'_>, door: Endpoint) -> bool {
    scene.clients.values().any(|client| client.asks(door))
}

fn ends_open(event: &Event, scene: &Scene<'_>, how: End) -> bool {
    match event.kind {
        Kind::Ended { conn, end } => {
            end == how
                && scene.client(event).is_some_and(|client| client.sockets.contains_key(&conn))
        }
        _ => false,
    }
}
