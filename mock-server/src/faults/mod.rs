//! What can go wrong on purpose: one file per fault, each saying what it is called and how it
//! bends a request. A fault refuses to be random by itself: a rule names the occurrence it hits, or
//! the seed of its dice.

mod ack_delayed;
mod ack_doubled;
mod ack_dropped_after_accept;
mod ack_dropped_before_accept;
mod ack_reordered;
mod ack_without_id;
mod ack_wrong_id;
mod answer;
mod bandwidth;
mod black_hole_after;
mod board;
mod close;
mod connection_reset;
mod connection_silent;
mod cors_missing;
mod cut_after;
mod cut_after_accept;
mod cut_after_frames;
mod date_skewed;
mod empty_body;
mod expires_in_wrong;
mod frame_binary;
mod frame_empty;
mod frame_fragmented;
mod frame_huge;
mod frame_not_json;
mod frame_not_utf8;
mod frame_unknown_type;
mod frames_coalesced;
mod guest_forgotten;
mod hang_up;
mod html_page;
mod inbound_delayed;
mod inbound_doubled;
mod inbound_dropped;
mod inbound_reordered;
mod kinds;
mod no_upgrade;
mod not_json;
mod ping_ignored;
mod pong_wrong;
mod preflight_refused;
mod rate_limited;
mod redirect;
mod reset;
mod reset_after_accept;
mod restart;
mod retry_after;
mod rule;
mod shape;
mod silence;
mod silent_socket;
mod slow_body;
mod slow_headers;
pub(crate) mod span;
mod storms;
mod swallow_handshake;
mod token_expires_early;
mod token_revoked;
mod truncated_body;
mod unasked_protocol;
mod wrong_accept_key;
mod wrong_content_type;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::{Delivery, Now, Refusal};

pub(crate) use board::{Armed, Board, Occasion};
pub use board::{FaultId, When};
pub use kinds::*;
pub(crate) use kinds::{KINDS, kebab};
pub use retry_after::RetryAfter;
pub(crate) use rule::{read, show};
pub use shape::Shape;
pub(crate) use storms::{STORMS, Storm};

/// A fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultRule {
    /// What happens.
    pub fault: Fault,
    /// To which requests.
    pub endpoint: Endpoint,
    /// The first matching occurrence that is hit, 1-based, counted from arming; 0 is taken as 1.
    pub nth: u64,
    /// How many in a row are hit; `u64::MAX` is all of them.
    pub count: u64,
}

/// Which requests a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// Creating a guest.
    Guests,
    /// Refreshing a token.
    Refresh,
    /// The handshake of a socket.
    Socket,
    /// A message that can be read, by POST or as a socket frame.
    Messages,
    /// Reading history.
    History,
    /// A message of the agent on its way to a socket.
    Agent,
    /// Whatever the fault has a meaning for.
    Any,
}

/// What goes wrong. Where a fault has no meaning it neither strikes nor counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Fault {
    /// Answer this instead of handling the request; a socket frame gets it as an error frame.
    Answer {
        /// The HTTP status, 200 to 599; anything else is sent as 500.
        status: u16,
        /// When to come back.
        #[serde(default)]
        retry_after: RetryAfter,
    },
    /// What comes faster than a rate is answered 429.
    RateLimited(RateLimited),
    /// Never answer the handshake. Only handshakes.
    SwallowHandshake,
    /// The request is neither handled nor answered: a message is not stored.
    AckDroppedBeforeAccept,
    /// The request is handled and never answered: a message is stored, a guest exists.
    AckDroppedAfterAccept,
    /// The request is handled at once and answered later.
    AckDelayed {
        /// How much later.
        #[serde(with = "span")]
        by: Duration,
    },
    /// The acknowledgement is sent twice. Only socket frames: an HTTP request has one answer.
    AckDoubled,
    /// The request is not handled and the connection ends. On a socket with this close code, a
    /// handshake is completed first; 1006 drops the connection without a close frame, and so
    /// does any code where there is no socket.
    Close {
        /// The close code.
        #[serde(default = "dropped")]
        code: u16,
    },
    /// The answer, head and body, comes byte by byte.
    SlowHeaders(SlowHeaders),
    /// The head comes at once and the body in small portions.
    SlowBody(SlowBody),
    /// The connection ends in the middle of the body that the head has announced.
    TruncatedBody(TruncatedBody),
    /// The body is right, and its head says that it is HTML.
    WrongContentType(WrongContentType),
    /// A proxy answers in the cloud's place: 200 and a page, as a captive portal does.
    HtmlPage(HtmlPage),
    /// The request is handled, and its answer cannot be parsed.
    NotJson(NotJson),
    /// The request is handled, and its answer says nothing.
    EmptyBody(EmptyBody),
    /// The request is sent elsewhere, which is the same place with a slash too many.
    Redirect(Redirect),
    /// The connection ends with RST instead of an answer; the request is not handled.
    Reset(Reset),
    /// The request has its effect, and the connection ends with RST instead of an answer.
    ResetAfterAccept(ResetAfterAccept),
    /// The connection ends with FIN instead of an answer; the request is not handled.
    HangUp(HangUp),
    /// The request is not handled, and its connection carries nothing any more in either direction.
    Silence(Silence),
    /// From this request on its connection is slow in both directions, a socket on it too.
    Bandwidth(Bandwidth),
    /// The answer's `Date` is wrong, as with a server whose clock is.
    DateSkewed(DateSkewed),
    /// The answer lacks the headers that let a page of another origin read it.
    CorsMissing(CorsMissing),
    /// A browser asks whether it may, and may not.
    PreflightRefused(PreflightRefused),
    /// The handshake is answered 200, as by a server that knows no WebSocket.
    NoUpgrade(NoUpgrade),
    /// The handshake succeeds but for its proof: a client must fail it (RFC 6455 4.1).
    WrongAcceptKey(WrongAcceptKey),
    /// A subprotocol is chosen that nobody offered: a client must fail the handshake.
    UnaskedProtocol(UnaskedProtocol),
    /// The handshake succeeds, frames are read and handled, and nothing ever comes back.
    SilentSocket(SilentSocket),
    /// The socket ends some time after it was opened, under traffic or not.
    CutAfter(CutAfter),
    /// The socket ends after so many frames of the client; the last one is not handled.
    CutAfterFrames(CutAfterFrames),
    /// The socket stays open, and from some moment on nothing passes: a half-open connection.
    BlackHoleAfter(BlackHoleAfter),
    /// The acknowledgement names a message that nobody sent.
    AckWrongId(AckWrongId),
    /// The acknowledgement names no message at all.
    AckWithoutId(AckWithoutId),
    /// The acknowledgement waits until the next frame has left. Only socket frames.
    AckReordered(AckReordered),
    /// The message is stored, and the socket ends before its acknowledgement. Only socket frames.
    CutAfterAccept(CutAfterAccept),
    /// A message of the agent is in the history and never reaches this socket.
    InboundDropped(InboundDropped),
    /// A message of the agent comes twice.
    InboundDoubled(InboundDoubled),
    /// A message of the agent comes late; later ones may overtake it.
    InboundDelayed(InboundDelayed),
    /// A message of the agent waits until the next frame has left.
    InboundReordered(InboundReordered),
    /// The frame comes in fragments (RFC 6455 5.4).
    FrameFragmented(FrameFragmented),
    /// The frame is padded with blanks, which JSON allows.
    FrameHuge(FrameHuge),
    /// The frame waits for the next one, and both leave in one segment.
    FramesCoalesced(FramesCoalesced),
    /// The frame is cut off in the middle.
    FrameNotJson(FrameNotJson),
    /// A frame of a type that nobody knows comes first: a client must pass over it.
    FrameUnknownType(FrameUnknownType),
    /// The frame is marked as binary.
    FrameBinary(FrameBinary),
    /// The text of the frame is no UTF-8: a client must fail the connection (RFC 6455 8.1).
    FrameNotUtf8(FrameNotUtf8),
    /// An empty text frame comes first.
    FrameEmpty(FrameEmpty),
    /// A ping of the client gets no pong.
    PingIgnored(PingIgnored),
    /// A ping is answered with another payload (RFC 6455 5.5.3 wants the same).
    PongWrong(PongWrong),
    /// The token that is granted lives shorter than it is said to.
    TokenExpiresEarly(TokenExpiresEarly),
    /// The token that is granted is unknown from the beginning.
    TokenRevoked(TokenRevoked),
    /// The token lives as ever, and the answer says something else.
    ExpiresInWrong(ExpiresInWrong),
    /// The cloud is restarted by this request, which it does not handle: every socket ends.
    Restart(Restart),
    /// The cloud forgets every guest, and then handles the request.
    GuestForgotten(GuestForgotten),
    /// A connection is accepted and reset at once. Only connections; strikes for all tenants.
    ConnectionReset(ConnectionReset),
    /// A connection is accepted and never answered. Only connections; strikes for all tenants.
    ConnectionSilent(ConnectionSilent),
}

/// What a fault makes of a request.
pub(crate) enum Bend {
    /// It is handled; its answer is delivered so.
    Handle(Delivery),
    /// It is not handled and gets this answer.
    Refuse(Refusal),
    /// It is not handled and gets no answer.
    Ignore,
    /// It is not handled and its connection ends.
    Close(u16),
    /// It is not handled and gets something else.
    Instead(Shape),
    /// Every socket ends and so does its connection; it is not handled.
    Restart { memory: bool },
    /// Every guest is gone, and it is handled.
    Forget,
}

impl Bend {
    /// It is handled, and its answer has another form.
    fn shaped(shape: Shape) -> Self {
        Self::Handle(Delivery { shape, ..Delivery::default() })
    }

    fn instead(shape: Shape) -> Self {
        Self::Instead(shape)
    }
}

/// What each fault says about itself.
trait Mischief {
    /// What it does, in a few words.
    const ABOUT: &str;

    fn has_meaning_at(occasion: Occasion) -> bool;

    fn bend(&self, now: Now) -> Bend;
}

/// The close code that stands for no close frame at all.
fn dropped() -> u16 {
    1006
}

impl Fault {
    pub(crate) fn bend(&self, now: Now) -> Bend {
        match self {
            Self::Answer { status, retry_after } => answer::bend(now, *status, retry_after),
            Self::SwallowHandshake => swallow_handshake::bend(),
            Self::AckDroppedBeforeAccept => ack_dropped_before_accept::bend(),
            Self::AckDroppedAfterAccept => ack_dropped_after_accept::bend(),
            Self::AckDelayed { by } => ack_delayed::bend(*by),
            Self::AckDoubled => ack_doubled::bend(),
            Self::Close { code } => close::bend(*code),
            other => other.bend_of_kind(now),
        }
    }

    /// Whether it is about connections, which belong to no tenant yet.
    pub(crate) fn is_of_connections(&self) -> bool {
        self.has_meaning_at(Occasion::Connection)
    }

    fn has_meaning_at(&self, occasion: Occasion) -> bool {
        match self {
            Self::SwallowHandshake => swallow_handshake::has_meaning_at(occasion),
            Self::AckDoubled => ack_doubled::has_meaning_at(occasion),
            other => other.kind_has_meaning_at(occasion),
        }
    }
}

/// The stable name of a fault, as events and diagrams show it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer { status, retry_after } => answer::name(*status, retry_after, f),
            Self::SwallowHandshake => f.write_str(swallow_handshake::NAME),
            Self::AckDroppedBeforeAccept => f.write_str(ack_dropped_before_accept::NAME),
            Self::AckDroppedAfterAccept => f.write_str(ack_dropped_after_accept::NAME),
            Self::AckDelayed { by } => ack_delayed::name(*by, f),
            Self::AckDoubled => f.write_str(ack_doubled::NAME),
            Self::Close { code } => close::name(*code, f),
            other => other.name_of_kind(f),
        }
    }
}
