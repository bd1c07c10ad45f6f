//! Every number of the cloud, with where it comes from. It refuses to guess in silence: a number
//! without a public source says so.

use std::time::Duration;

/// How the cloud behaves when no fault is armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudConfig {
    /// The only OAuth bearer that is accepted. Default `holdline-oauth`.
    pub oauth_token: String,
    /// The scopes of that bearer. Creating a guest needs `webchat:guest:write` (article 000),
    /// refreshing by OAuth needs `webmessaging:guest:write` (article 004). Default: both.
    pub oauth_scopes: Vec<String>,
    /// Whether the account has web messaging; `false` answers 403 `entitlement.missing`
    /// (article 000). Default `true`.
    pub web_messaging_entitled: bool,
    /// Whether a socket needs a guest token. Article 000 says it does, its code sends none.
    /// Default `true`; a token that is wrong is refused either way.
    pub strict_socket_auth: bool,
    /// Life of a guest token. Default 30 min; no public source names one.
    pub token_ttl: Duration,
    /// How long a superseded token is still accepted after a refresh, so that requests under way
    /// are not refused. Default 30 s; no public source names one.
    pub superseded_token_grace: Duration,
    /// Life of a guest since its last message in either direction. Default 72 h, the vendor's
    /// default session life.
    pub guest_ttl: Duration,
    /// Messages a session may send in a second, both roads together. Default 2, the vendor's
    /// limit from 2023-12-11. 0 admits nothing beyond the burst.
    pub messages_per_second: u32,
    /// Messages that may come at once after silence. Default 2: one second's worth; at least 1.
    pub burst: u32,
    /// Longest text of a message in UTF-8 bytes. Default 4096, the vendor's limit on inbound text.
    pub max_text_bytes: usize,
    /// Longest socket frame in bytes; a longer one is answered with close 1009 (RFC 6455 7.4.1).
    /// Default 32 KiB, the limit of the gateway the vendor seems to use; not confirmed.
    pub max_frame_bytes: usize,
    /// Longest socket message over all its fragments, in bytes. Default 128 KiB, as above.
    pub max_message_bytes: usize,
    /// Longest request body in bytes; a longer one is answered with 413. Default 128 KiB.
    pub max_body_bytes: usize,
    /// Whether the agent's messages have a `messageId`. Default `true`. Without it each still has its
    /// `sequence`.
    pub agent_message_ids: bool,
    /// Guests that are remembered; one more, and the oldest without a socket is forgotten: its
    /// tokens and its instance are unknown from then on. When all have a socket, the new one is refused
    /// with 503 `guests.exhausted`. Default 10,000.
    pub max_guests: usize,
    /// Bytes that all conversations of the cloud may hold together; beyond, the oldest message is
    /// forgotten: it is in no conversation or page of history any more, and its id may come again.
    /// Default 16 MiB, some fifty thousand short messages.
    pub max_conversation_bytes: usize,
    /// Messages on one page of history. Default 100, the page of the vendor's retired chat API.
    pub history_page: usize,
    /// How long the cloud waits for the answer to its close frame before it drops the connection.
    /// Default 5 s; RFC 6455 7.1.1 asks for a bound and names none.
    pub close_timeout: Duration,
    /// Silence after which the cloud closes a socket with 1001; `None` is never. Default `None`:
    /// no public source names one.
    pub socket_idle_timeout: Option<Duration>,
}

impl Default for CloudConfig {
    fn default() -> Self {
        Self {
            oauth_token: "holdline-oauth".to_owned(),
            oauth_scopes: vec![
                "webchat:guest:write".to_owned(),
                "webmessaging:guest:write".to_owned(),
            ],
            web_messaging_entitled: true,
            strict_socket_auth: true,
            token_ttl: Duration::from_mins(30),
            superseded_token_grace: Duration::from_secs(30),
            guest_ttl: Duration::from_hours(72),
            messages_per_second: 2,
            burst: 2,
            max_text_bytes: 4096,
            max_frame_bytes: 32 * 1024,
            max_message_bytes: 128 * 1024,
            max_body_bytes: 128 * 1024,
            agent_message_ids: true,
            max_guests: 10_000,
            max_conversation_bytes: 16 << 20,
            history_page: 100,
            close_timeout: Duration::from_secs(5),
            socket_idle_timeout: None,
        }
    }
}
