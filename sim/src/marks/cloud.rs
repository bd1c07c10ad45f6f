//! Marks of the cloud: what it does with messages, tokens, guests and sockets.

use super::{Mark, on};
use crate::trace::conditions::{Effect, Host};
use crate::trace::{Event, Frame, Kind};

pub(super) const MARKS: &[Mark] = &[
    Mark {
        name: "ack-lost-before-accept",
        reached_when: "a message is swallowed by the cloud",
        on: on::FIRED,
        at: |event, _| fired(event, "ack-dropped-before-accept"),
    },
    Mark {
        name: "ack-lost-after-accept",
        reached_when: "a message is stored and its acknowledgement is lost",
        on: on::FIRED,
        at: |event, _| fired(event, "ack-dropped-after-accept"),
    },
    Mark {
        name: "ack-delayed",
        reached_when: "a message is acknowledged late",
        on: on::FIRED,
        at: |event, _| fired(event, "ack-delayed"),
    },
    Mark {
        name: "ack-doubled",
        reached_when: "a message is acknowledged twice",
        on: on::FIRED,
        at: |event, _| fired(event, "ack-doubled"),
    },
    Mark {
        name: "handshake-swallowed",
        reached_when: "a handshake is never answered",
        on: on::FIRED,
        at: |event, _| fired(event, "swallow-handshake"),
    },
    Mark {
        name: "copy-recognised",
        reached_when: "a message comes again and is not stored again",
        on: on::DUPLICATE,
        at: |event, _| matches!(event.kind, Kind::Duplicate { .. }),
    },
    Mark {
        name: "limit-reached",
        reached_when: "the cloud's own limit refuses a message",
        on: on::REFUSED,
        at: |event, _| matches!(&event.kind, Kind::Refused { code, .. } if code == "rate.limited"),
    },
    Mark {
        name: "closed-with-a-code",
        reached_when: "a close frame with another code than 1000 arrives at a client",
        on: on::FRAME_IN,
        at: |event, _| {
            event.lane.is_client()
                && matches!(
                    event.kind,
                    Kind::FrameIn { frame: Frame::Close(Some(code)), .. } if code != 1000
                )
        },
    },
    Mark {
        name: "restarted-with-a-message-on-its-way",
        reached_when: "the cloud's process dies while a message is on its way",
        on: on::HOST,
        at: |event, scene| {
            event.kind == Kind::Host { host: Host::Cloud, up: false } && scene.is_sending()
        },
    },
    Mark {
        name: "tokens-expired-offline",
        reached_when: "every token expires while no client has a socket",
        on: on::FAULT,
        at: |event, scene| expires(event) && scene.guests > 0 && !scene.is_online(),
    },
    Mark {
        name: "tokens-expired-with-a-message-on-its-way",
        reached_when: "every token expires while a message is on its way",
        on: on::FAULT,
        at: |event, scene| expires(event) && scene.is_sending(),
    },
    Mark {
        name: "token-refreshed",
        reached_when: "the cloud issues a new token for a guest",
        on: on::TOKEN_REFRESHED,
        at: |event, _| matches!(event.kind, Kind::TokenRefreshed { .. }),
    },
    Mark {
        name: "guest-gone-with-messages",
        reached_when: "a guest is forgotten while messages have no outcome",
        on: on::GUEST_GONE,
        at: |event, scene| matches!(event.kind, Kind::GuestGone { .. }) && scene.pending() > 0,
    },
    Mark {
        name: "second-guest",
        reached_when: "a second guest is created",
        on: on::GUEST_CREATED,
        at: |event, scene| matches!(event.kind, Kind::GuestCreated { .. }) && scene.guests > 0,
    },
    Mark {
        name: "said-to-nobody",
        reached_when: "the agent writes while the cloud has no open socket of a guest",
        on: on::SAID,
        at: |event, scene| {
            matches!(event.kind, Kind::Said { .. }) && scene.server.values().all(|open| *open == 0)
        },
    },
    Mark {
        name: "said-into-a-dead-socket",
        reached_when: "the agent writes into a socket that its client has left",
        on: on::SAID,
        at: |event, scene| {
            matches!(event.kind, Kind::Said { .. })
                && scene.server.values().any(|open| *open > 0)
                && !scene.is_online()
        },
    },
    Mark {
        name: "two-sockets-of-a-guest",
        reached_when: "the cloud has two open sockets of one guest",
        on: on::SOCKET_OPENED,
        at: |event, scene| match event.kind {
            Kind::SocketOpened { guest, .. } => scene.server.get(&guest).is_some_and(|n| *n > 0),
            _ => false,
        },
    },
];

fn fired(event: &Event, name: &str) -> bool {
    matches!(event.kind, Kind::Fired { kind, .. } if kind == name)
}

fn expires(event: &Event) -> bool {
    matches!(&event.kind, Kind::Fault { what, on: true } if what.effect == Effect::ExpireTokens)
}
