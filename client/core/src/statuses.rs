//! What the status of a refusal means to the client. It is decided nowhere else.
//!
//! | status | what it says | reaction |
//! |---|---|---|
//! | 401 | the token is not, or no longer, good | one refresh, then the end |
//! | 403 | the token is good and not enough | the end; of one message only for a message |
//! | 404 with a code that names the guest, 410 | the guest is gone | a new guest |
//! | any other 404 | any proxy on the way can say so | try again later |
//! | 408, 425, 429 | not now | try again later |
//! | any other 4xx | this very request will never succeed | do not repeat it |
//! | anything else | the server or the way to it has failed | try again later |
//!
//! The meanings are those of RFC 9110 15.5 (425: RFC 8470; 429: RFC 6585); the codes are the articles'
//! server's.

/// The token is not good.
pub const UNAUTHORIZED: u16 = 401;
/// Nobody knows this path.
pub const NOT_FOUND: u16 = 404;
/// Too much in too short a time.
pub const TOO_MANY_REQUESTS: u16 = 429;

/// Machine codes with which a 404 is about the guest.
const GONE_CODES: [&str; 3] = ["guest.gone", "guest.none", "instance.unknown"];

/// The reaction that a failed request calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    /// Try again later.
    Transient,
    /// The credentials are not (or no longer) good.
    Unauthorized,
    /// The credentials are good and still not enough.
    Forbidden,
    /// The guest is gone.
    Gone,
    /// This very request will never succeed.
    Refused,
}

/// The reaction to a refusal with this status and machine code.
#[must_use]
pub fn reaction(status: u16, code: &str) -> Reaction {
    match status {
        UNAUTHORIZED => Reaction::Unauthorized,
        403 => Reaction::Forbidden,
        410 => Reaction::Gone,
        NOT_FOUND if GONE_CODES.contains(&code) => Reaction::Gone,
        // Any proxy or portal on the way can say 404; that ends no conversation.
        404 | 408 | 425 | TOO_MANY_REQUESTS => Reaction::Transient,
        400..=499 => Reaction::Refused,
        _ => Reaction::Transient,
    }
}
