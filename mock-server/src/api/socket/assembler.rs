//! Puts fragmented messages together again (RFC 6455 5.4), within a bound.

use actix_http::ws::Item;
use bytes::BytesMut;

/// What a fragment led to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assembled {
    /// More is to come.
    Partial,
    /// A whole text.
    Text(String),
    /// A binary message, which is not spoken here (1003).
    Binary,
    /// More bytes than allowed (1009).
    TooLong,
    /// Not UTF-8 (1007).
    NotUtf8,
}

/// The fragments so far.
#[derive(Debug)]
pub(super) struct Assembler {
    limit: usize,
    fragments: BytesMut,
}

impl Assembler {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, fragments: BytesMut::new() }
    }

    pub(super) fn take(&mut self, item: &Item) -> Assembled {
        let (bytes, last) = match item {
            Item::FirstBinary(_) => return Assembled::Binary,
            Item::FirstText(bytes) => {
                self.fragments.clear();
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        if self.fragments.len() + bytes.len() > self.limit {
            return Assembled::TooLong;
        }
        self.fragments.extend_from_slice(bytes);
        if !last {
            return Assembled::Partial;
        }
        let whole = std::mem::take(&mut self.fragments);
        String::from_utf8(whole.to_vec()).map_or(Assembled::NotUtf8, Assembled::Text)
    }
}
