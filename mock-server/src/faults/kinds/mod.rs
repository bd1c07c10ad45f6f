//! The table of faults. A fault is a file of this folder, which says everything about it, and its line
//! here; plans, the control API and the documents list what stands in this table.

use super::kind::{FaultInfo, FaultKind};

macro_rules! table {
    ($($module:ident::$kind:ident,)*) => {
        $(
            mod $module;
            pub use $module::$kind;
        )*

        /// What goes wrong. Where a fault has no meaning it neither strikes nor counts.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each kind says what it does")]
        pub enum Fault {
            $($kind($kind),)*
        }

        impl Fault {
            pub(super) fn kind(&self) -> &dyn FaultKind {
                match self {
                    $(Self::$kind(kind) => kind,)*
                }
            }
        }

        $(
            impl From<$kind> for Fault {
                fn from(kind: $kind) -> Self {
                    Self::$kind(kind)
                }
            }
        )*

        /// Every kind of fault, in the order in which they are explained.
        #[must_use]
        pub fn catalogue() -> &'static [&'static FaultInfo] {
            &[$(&$kind::INFO,)*]
        }
    };
}

pub(in crate::faults) use rate_limited::Pace;
pub use rate_limited::Rate;

table! {
    answer::Answer,
    rate_limited::RateLimited,
    swallow_handshake::SwallowHandshake,
    ack_dropped_before_accept::AckDroppedBeforeAccept,
    ack_dropped_after_accept::AckDroppedAfterAccept,
    ack_delayed::AckDelayed,
    ack_doubled::AckDoubled,
    close::Close,
    slow_headers::SlowHeaders,
    slow_body::SlowBody,
    truncated_body::TruncatedBody,
    wrong_content_type::WrongContentType,
    html_page::HtmlPage,
    not_json::NotJson,
    empty_body::EmptyBody,
    redirect::Redirect,
    reset::Reset,
    reset_after_accept::ResetAfterAccept,
    hang_up::HangUp,
    silence::Silence,
    bandwidth::Bandwidth,
    date_skewed::DateSkewed,
    cors_missing::CorsMissing,
    preflight_refused::PreflightRefused,
    no_upgrade::NoUpgrade,
    wrong_accept_key::WrongAcceptKey,
    unasked_protocol::UnaskedProtocol,
    silent_socket::SilentSocket,
    cut_after::CutAfter,
    cut_after_frames::CutAfterFrames,
    black_hole_after::BlackHoleAfter,
    ack_wrong_id::AckWrongId,
    ack_without_id::AckWithoutId,
    ack_reordered::AckReordered,
    cut_after_accept::CutAfterAccept,
    inbound_dropped::InboundDropped,
    inbound_doubled::InboundDoubled,
    inbound_delayed::InboundDelayed,
    inbound_reordered::InboundReordered,
    frame_fragmented::FrameFragmented,
    frame_huge::FrameHuge,
    frames_coalesced::FramesCoalesced,
    frame_not_json::FrameNotJson,
    frame_unknown_type::FrameUnknownType,
    frame_binary::FrameBinary,
    frame_not_utf8::FrameNotUtf8,
    frame_empty::FrameEmpty,
    ping_ignored::PingIgnored,
    pong_wrong::PongWrong,
    token_expires_early::TokenExpiresEarly,
    token_revoked::TokenRevoked,
    expires_in_wrong::ExpiresInWrong,
    restart::Restart,
    guest_forgotten::GuestForgotten,
    connection_reset::ConnectionReset,
    connection_silent::ConnectionSilent,
}
