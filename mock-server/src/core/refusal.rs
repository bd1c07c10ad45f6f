//! Every reason the cloud has to say no: one status and one machine code each.

use std::fmt;
use std::time::Duration;

/// What a refusal says about when to come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryHint {
    /// Whole seconds.
    Seconds(u64),
    /// Anything else, as sent: an HTTP date or a fault's nonsense.
    Text(Box<str>),
}

/// As a header or a frame carries it.
impl fmt::Display for RetryHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) => write!(f, "{seconds}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The machine code, stable.
    pub code: Box<str>,
    /// For people; names the offending value and the way out.
    pub message: Box<str>,
    /// The field at fault, with dots for nesting.
    pub field: Option<Box<str>>,
    /// When to come back; also sent as the header `Retry-After` (RFC 9110 10.2.3).
    pub retry_after: Option<RetryHint>,
    /// The message that was refused; only an error frame carries it.
    pub message_id: Option<Box<str>>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.into(),
            field: None,
            retry_after: None,
            message_id: None,
        }
    }

    pub(crate) fn on_field(mut self, field: &str) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(crate) fn oauth_missing() -> Self {
        Self::new(401, "oauth.missing", "send the OAuth token as `Authorization: Bearer <token>`")
    }

    pub(crate) fn oauth_invalid() -> Self {
        Self::new(401, "oauth.invalid", "the OAuth token is not valid here; get a new one")
    }

    pub(crate) fn scope_missing(scope: &str) -> Self {
        Self::new(403, "scope.missing", format!("the OAuth client lacks the scope `{scope}`"))
    }

    pub(crate) fn entitlement_missing() -> Self {
        Self::new(403, "entitlement.missing", "the account has no web messaging entitlement")
    }

    pub(crate) fn token_missing() -> Self {
        Self::new(401, "token.missing", "send the guest token as `Authorization: Bearer <token>`")
    }

    pub(crate) fn token_unknown() -> Self {
        Self::new(401, "token.unknown", "the guest token was not issued here; create a guest")
    }

    pub(crate) fn token_expired() -> Self {
        let way_out = "refresh it with POST /api/v2/conversations/messaging/guests";
        Self::new(401, "token.expired", format!("the guest token has expired; {way_out}"))
    }

    pub(crate) fn instance_unknown(instance: &str) -> Self {
        let text = format!("no webchat instance `{}` exists; create a guest", excerpt(instance));
        Self::new(404, "instance.unknown", text)
    }

    pub(crate) fn instance_mismatch() -> Self {
        Self::new(403, "instance.mismatch", "the guest token belongs to another webchat instance")
    }

    pub(crate) fn guests_exhausted(max: usize) -> Self {
        let text = format!("{max} guests have a socket open; close one, or raise max-guests");
        Self::new(503, "guests.exhausted", text)
    }

    pub(crate) fn guest_none() -> Self {
        Self::new(404, "guest.none", "there is no guest to refresh; create one first")
    }

    pub(crate) fn guest_gone() -> Self {
        Self::new(410, "guest.gone", "the guest and its conversation are gone; create a new guest")
    }

    pub(crate) fn json_malformed(why: &str) -> Self {
        Self::new(400, "json.malformed", format!("the body is not what is expected: {why}"))
    }

    pub(crate) fn field_missing(field: &str) -> Self {
        Self::new(400, "field.missing", format!("`{field}` is missing")).on_field(field)
    }

    pub(crate) fn field_invalid(field: &str, expected: &str) -> Self {
        Self::new(400, "field.invalid", format!("`{field}` must be {expected}")).on_field(field)
    }

    pub(crate) fn type_unknown(found: &str) -> Self {
        let text = format!("type `{}` is unknown; send `message`", excerpt(found));
        Self::new(400, "type.unknown", text).on_field("type")
    }

    pub(crate) fn message_too_long(bytes: usize, limit: usize) -> Self {
        let text = format!("`content` has {bytes} bytes, {limit} are allowed");
        Self::new(413, "message.too.long", text).on_field("content")
    }

    pub(crate) fn body_too_large(limit: usize) -> Self {
        Self::new(413, "body.too.large", format!("the body is longer than {limit} bytes"))
    }

    /// `rate` in words, like `2 messages a second`.
    pub(crate) fn rate_limited(rate: &str, wait: Duration) -> Self {
        let seconds = whole_seconds(wait).max(1);
        let text = format!("more than {rate}; come back in {seconds} s");
        let mut refusal = Self::new(429, "rate.limited", text);
        refusal.retry_after = Some(RetryHint::Seconds(seconds));
        refusal
    }
}

/// Rounded up, so that coming back after that many seconds is never too early.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0))
}

/// A value of the peer's, short enough to repeat to it.
pub(crate) fn excerpt(value: &str) -> String {
    value.chars().take(64).collect()
}
