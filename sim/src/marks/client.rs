//! Marks of a client: what it is doing when something happens to it.

use std::time::Duration;

use super::scene::Client;
use super::{Mark, on};
use crate::trace::reports::{Failure, Notice, State, Terminal, Wish};
use crate::trace::{End, Endpoint, Event, Frame, Kind};

/// A history page and what it shows are told at the same moment or soon after.
const JUST_NOW: Duration = Duration::from_millis(50);

pub(super) const MARKS: &[Mark] = &[
    Mark {
        name: "typed-offline",
        reached_when: "the user types while the client has no socket",
        on: on::TYPED,
        at: |event, scene| {
            matches!(event.kind, Kind::Typed { .. })
                && scene.client(event).is_none_or(|client| !client.is_online())
        },
    },
    Mark {
        name: "typed-behind-a-backlog",
        reached_when: "the user types while three messages or more wait",
        on: on::TYPED,
        at: |event, scene| {
            matches!(event.kind, Kind::Typed { .. })
                && scene.client(event).is_some_and(|client| client.pending.len() >= 3)
        },
    },
    Mark {
        name: "flushed-by-rest",
        reached_when: "a backlog goes by REST while a socket is open",
        on: on::REQUEST,
        at: |event, scene| posts(event) && scene.client(event).is_some_and(Client::is_online),
    },
    Mark {
        name: "rest-without-a-socket",
        reached_when: "a message goes by REST because no socket is open",
        on: on::REQUEST,
        at: |event, scene| posts(event) && scene.client(event).is_none_or(|c| !c.is_online()),
    },
    Mark {
        name: "resent-on-the-other-road",
        reached_when: "a message that went over the socket goes by REST",
        on: on::REQUEST,
        at: |event, scene| match &event.kind {
            Kind::Request { endpoint: Endpoint::Messages, message: Some(message), .. } => {
                scene.client(event).is_some_and(|c| c.sent_live.contains(message))
            }
            _ => false,
        },
    },
    Mark {
        name: "ack-of-a-finished-message",
        reached_when: "an acknowledgement comes for a message that is no longer on its way",
        on: on::FRAME_IN,
        at: |event, scene| match &event.kind {
            Kind::FrameIn { frame: Frame::Ack(message), .. } => {
                scene.client(event).is_some_and(|client| {
                    client.sent.contains(message) && !client.in_flight.contains_key(message)
                })
            }
            _ => false,
        },
    },
    Mark {
        name: "429-while-flushing",
        reached_when: "a POST is answered with 429 while other messages wait",
        on: on::ANSWER,
        at: |event, scene| {
            refused(event, Endpoint::Messages, 429)
                && scene.client(event).is_some_and(|client| client.pending.len() >= 2)
        },
    },
    Mark {
        name: "429-on-the-socket",
        reached_when: "an error frame says 429",
        on: on::FRAME_IN,
        at: |event, _| {
            event.lane.is_client()
                && matches!(
                    event.kind,
                    Kind::FrameIn { frame: Frame::Error { status: 429, .. }, .. }
                )
        },
    },
    Mark {
        name: "429-at-the-handshake",
        reached_when: "a handshake is answered with 429",
        on: on::ANSWER,
        at: |event, _| refused(event, Endpoint::Socket, 429),
    },
    Mark {
        name: "wait-beyond-reason",
        reached_when: "a server names a wait that the client cuts and reports",
        on: on::NOTICE,
        at: |event, _| matches!(event.kind, Kind::Notice { notice: Notice::RetryAfterCut { .. } }),
    },
    Mark {
        name: "refresh-refused",
        reached_when: "a token refresh is answered with a status of 400 or more",
        on: on::ANSWER,
        at: |event, _| {
            event.lane.is_client()
                && matches!(
                    event.kind,
                    Kind::Answer { endpoint: Endpoint::Refresh, status: 400.., .. }
                )
        },
    },
    Mark {
        name: "refresh-beside-an-open-socket",
        reached_when: "a token is refreshed while the socket stays open",
        on: on::REQUEST,
        at: |event, scene| {
            asks(event, Endpoint::Refresh) && scene.client(event).is_some_and(Client::is_online)
        },
    },
    Mark {
        name: "401-for-a-message",
        reached_when: "a message is refused because of its token",
        on: on::ANSWER | on::FRAME_IN,
        at: |event, _| {
            refused(event, Endpoint::Messages, 401)
                || event.lane.is_client()
                    && matches!(
                        event.kind,
                        Kind::FrameIn { frame: Frame::Error { status: 401, .. }, .. }
                    )
        },
    },
    Mark {
        name: "401-at-the-handshake",
        reached_when: "a handshake is refused because of its token",
        on: on::ANSWER,
        at: |event, _| refused(event, Endpoint::Socket, 401),
    },
    Mark {
        name: "dead-peer-noticed",
        reached_when: "the client leaves a socket on which a ping was not answered",
        on: on::ENDED,
        at: |event, scene| match event.kind {
            Kind::Ended { conn, end: End::Own | End::OwnRst } => scene
                .client(event)
                .and_then(|client| client.sockets.get(&conn))
                .is_some_and(|socket| socket.probed && socket.since < event.at),
            _ => false,
        },
    },
    Mark {
        name: "live-beside-history",
        reached_when: "the agent's message arrives while missed ones are being fetched",
        on: on::FRAME_IN | on::REQUEST,
        at: |event, scene| {
            matches!(event.kind, Kind::FrameIn { frame: Frame::Agent(_), .. })
                && scene.client(event).is_some_and(|client| client.asks(Endpoint::History))
        },
    },
    Mark {
        name: "gap-filled",
        reached_when: "what the agent wrote is shown without having come over the socket just now",
        on: on::SHOWN,
        at: |event, scene| {
            matches!(event.kind, Kind::Shown { .. })
                && scene.client(event).is_some_and(|client| {
                    client.is_online()
                        && client.sockets.values().all(|s| s.heard + JUST_NOW < event.at)
                })
        },
    },
    Mark {
        name: "buffer-full",
        reached_when: "a message is refused because the outbox is full",
        on: on::FAILED,
        at: |event, _| {
            matches!(event.kind, Kind::Failed { reason: Failure::BufferFull { .. }, .. })
        },
    },
    Mark {
        name: "expired-unsent",
        reached_when: "a message expires that was never sent",
        on: on::FAILED,
        at: |event, scene| match &event.kind {
            Kind::Failed { message, reason: Failure::Expired } => {
                scene.client(event).is_some_and(|c| !c.sent.contains(message))
            }
            _ => false,
        },
    },
    Mark {
        name: "expired-in-flight",
        reached_when: "a message expires while it is on its way",
        on: on::FAILED,
        at: |event, scene| match &event.kind {
            Kind::Failed { message, reason: Failure::Expired } => {
                scene.client(event).is_some_and(|c| c.in_flight.contains_key(message))
            }
            _ => false,
        },
    },
    Mark {
        name: "too-long",
        reached_when: "a message is refused because of its length",
        on: on::FAILED,
        at: |event, _| matches!(event.kind, Kind::Failed { reason: Failure::TooLong { .. }, .. }),
    },
    Mark {
        name: "message-refused-for-good",
        reached_when: "the cloud's refusal of a message is reported as its end",
        on: on::FAILED,
        at: |event, _| {
            matches!(
                event.kind,
                Kind::Failed {
                    reason: Failure::Refused { .. } | Failure::RefusedRepeatedly(_),
                    ..
                }
            )
        },
    },
    Mark {
        name: "conversation-gone",
        reached_when: "messages fail because their conversation is gone",
        on: on::FAILED,
        at: |event, _| matches!(event.kind, Kind::Failed { reason: Failure::ConversationGone, .. }),
    },
    Mark {
        name: "terminal",
        reached_when: "the client says that only its user can make it try again",
        on: on::STATE,
        at: |event, _| matches!(event.kind, Kind::State { state: State::Terminal(_) }),
    },
    Mark {
        name: "gave-up",
        reached_when: "the client has tried as often as it was told to",
        on: on::STATE,
        at: |event, _| {
            matches!(event.kind, Kind::State { state: State::Terminal(Terminal::GaveUp(_)) })
        },
    },
    Mark {
        name: "back-from-terminal",
        reached_when: "the client connects after a terminal state",
        on: on::STATE,
        at: |event, scene| {
            let is_terminal = |state: &State| matches!(state, State::Terminal(_));
            matches!(&event.kind, Kind::State { state } if !is_terminal(state))
                && scene.client(event).and_then(|client| client.state).is_some_and(is_terminal)
        },
    },
    Mark {
        name: "reconnect-while-open",
        reached_when: "the user asks for a connection though one is open",
        on: on::ASKED,
        at: |event, scene| wishes(event) && scene.client(event).is_some_and(Client::is_online),
    },
    Mark {
        name: "reconnect-while-waiting",
        reached_when: "the user asks for a connection in the middle of a wait",
        on: on::ASKED,
        at: |event, scene| wishes(event) && scene.client(event).is_some_and(Client::is_waiting),
    },
    Mark {
        name: "five-failures-in-a-row",
        reached_when: "the client waits for the fifth time without an open socket between",
        on: on::STATE,
        at: |event, scene| {
            matches!(event.kind, Kind::State { state: State::Waiting(_) })
                && scene.client(event).is_some_and(|client| client.waits >= 4)
        },
    },
];

fn posts(event: &Event) -> bool {
    asks(event, Endpoint::Messages)
}

fn asks(event: &Event, door: Endpoint) -> bool {
    event.lane.is_client()
        && matches!(event.kind, Kind::Request { endpoint, .. } if endpoint == door)
}

fn wishes(event: &Event) -> bool {
    matches!(event.kind, Kind::Asked { what: Wish::Reconnect })
}

fn refused(event: &Event, door: Endpoint, with: u16) -> bool {
    event.lane.is_client()
        && matches!(event.kind, Kind::Answer { endpoint, status, .. } if (endpoint, status) == (door, with))
}
