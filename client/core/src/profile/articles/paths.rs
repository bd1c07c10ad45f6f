//! The doors of the articles' server: every path that this client ever asks for.
//!
//! **They are not the vendor's.** The articles invented them; the real cloud's guests speak a
//! WebSocket API of their own. [`PROFILE`] names this surface, `fixtures/wire/surface.toml` lists it,
//! and a client for another one begins by replacing this file.

use crate::credentials::Credentials;

/// The name of this surface among those that a server can have.
pub const PROFILE: &str = "articles";

/// `POST`, with the OAuth token: a new guest.
#[must_use]
pub fn guests(base: &str) -> String {
    format!("{base}/api/v2/webchat/guests")
}

/// `POST`, with the guest's token: a new token for the same guest.
#[must_use]
pub fn refresh(base: &str) -> String {
    format!("{base}/api/v2/conversations/messaging/guests")
}

/// `POST`, with the guest's token: one message.
#[must_use]
pub fn messages(base: &str, guest: &Credentials) -> String {
    instance(base, guest, "messages")
}

/// `GET`, with the guest's token: what came after a sequence.
#[must_use]
pub fn history(base: &str, guest: &Credentials, after: u64) -> String {
    instance(base, guest, &format!("messages?after={after}"))
}

/// `GET`, with the guest's token: the socket.
#[must_use]
pub fn socket(base: &str, guest: &Credentials) -> String {
    instance(base, guest, "websocket")
}

fn instance(base: &str, guest: &Credentials, rest: &str) -> String {
    format!("{base}/api/v2/webchat/instances/{}/{rest}", guest.instance)
}
