//! Every kind of fault in one list: what it is called, what it does, and who does it.

use std::fmt;

use serde_json::Value;

use super::{Bend, Fault, Mischief, Occasion};
use crate::core::Now;

/// The kinds whose files say everything about them; those before them are in `Fault` itself.
macro_rules! kinds {
    ($($module:ident::$kind:ident,)*) => {
        $(pub use super::$module::$kind;)*

        impl Fault {
            pub(super) fn bend_of_kind(&self, now: Now) -> Bend {
                match self {
                    $(Self::$kind(fault) => fault.bend(now),)*
                    _ => unreachable!("`bend` knows the others"),
                }
            }

            pub(super) fn kind_has_meaning_at(&self, occasion: Occasion) -> bool {
                match self {
                    $(Self::$kind(_) => $kind::has_meaning_at(occasion),)*
                    _ => occasion.is_request(),
                }
            }
        }

        /// What each kind does, in the order in which they are explained.
        pub(crate) const KINDS: &[(&str, &str)] = &[
            ("Answer", "answers `status`, with `retryAfter` if given, instead of handling the request"),
            ("SwallowHandshake", "never answers the handshake"),
            ("AckDroppedBeforeAccept", "neither handles nor answers the request"),
            ("AckDroppedAfterAccept", "handles the request and never answers it"),
            ("AckDelayed", "handles the request and answers later"),
            ("AckDoubled", "acknowledges a socket frame twice"),
            ("Close", "ends the connection instead of handling the request, on a socket with `code`"),
            $((stringify!($kind), $kind::ABOUT),)*
        ];
    };
}

kinds! {
    rate_limited::RateLimited,
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

impl Fault {
    /// `slow body, bytes 10, every 1s`
    pub(super) fn name_of_kind(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = serde_json::to_value(self).map_err(|_| fmt::Error)?;
        let Value::Object(fields) = told else { return Err(fmt::Error) };
        let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
        f.write_str(&kind.replace('-', " "))?;
        for (name, value) in fields.iter().filter(|(name, _)| *name != "kind") {
            match value {
                Value::String(text) => write!(f, ", {name} {text}")?,
                other => write!(f, ", {name} {other}")?,
            }
        }
        Ok(())
    }
}

/// `ack-delayed` for `AckDelayed`.
pub(crate) fn kebab(kind: &str) -> String {
    let mut name = String::new();
    for c in kind.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}
