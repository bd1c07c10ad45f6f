//! The forms that a fault gives to an answer, a frame or a connection. It says what; the shells of `api` and
//! `serve` know how.

use std::time::Duration;

/// The form in which something is sent. Where it has no meaning it is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Distortion {
    /// As it should be.
    #[default]
    Plain,
    /// The connection moves so many bytes a second from now on.
    SlowConnection(u64),
    /// The connection carries nothing any more.
    SilentConnection,
    /// The connection ends with RST instead of the answer.
    Reset,
    /// The body comes in portions.
    SlowBody {
        /// Bytes of one.
        bytes: u64,
        /// The pause between two.
        every: Duration,
    },
    /// The connection ends after so many bytes of the body.
    Truncated(u64),
    /// JSON that is called HTML.
    WrongContentType,
    /// 200 and a page.
    HtmlPage,
    /// Half of the JSON.
    NotJson,
    /// No body.
    Empty,
    /// 307.
    Redirect,
    /// A `Date` so far ahead.
    Skewed(Duration),
    /// No CORS headers.
    NoCors,
    /// A handshake with a wrong proof.
    WrongKey,
    /// A handshake with a subprotocol that nobody offered.
    UnaskedProtocol,
    /// A socket that never sends a frame.
    Mute,
    /// A socket that ends after some time, with this code.
    EndAfter(Duration, u16),
    /// A socket that ends when so many frames have come, with this code.
    EndAfterFrames(u64, u16),
    /// A socket on which nothing passes after some time.
    BlackHoleAfter(Duration),
    /// The socket ends with this code instead of the frame.
    EndInstead(u16),
    /// An acknowledgement of another message.
    WrongId,
    /// An acknowledgement of nothing.
    WithoutId,
    /// The frame leaves after the next one.
    Reordered,
    /// The frame leaves together with the next one.
    Coalesced,
    /// The frame in so many fragments.
    Fragmented(u64),
    /// The frame padded to so many bytes.
    Huge(u64),
    /// A frame of an unknown type first.
    UnknownTypeFirst,
    /// An empty frame first.
    EmptyFirst,
    /// A binary frame.
    Binary,
    /// A text frame that is not UTF-8.
    NotUtf8,
    /// A pong with another payload.
    WrongPong,
    /// A token that lives so long, whatever is said.
    TokenLives(Duration),
    /// A token that is unknown.
    TokenRevoked,
    /// An `expiresIn` of so many seconds, whatever is true.
    ExpiresIn(u64),
}
