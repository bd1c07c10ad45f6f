//! Stops a frame that is too long at its header. The codec only notices once it has buffered the
//! whole frame, so a peer could announce a gigabyte and be listened to all the way.

use std::cell::Cell;
use std::rc::Rc;

use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, future};

use crate::serve::Connection;

/// Set once a frame that is too long was announced; shared with the actor.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlong(Rc<Cell<bool>>);

impl Overlong {
    pub(super) fn is_set(&self) -> bool {
        self.0.get()
    }
}

/// The bytes of the peer, up to the first frame of more than `limit` bytes; then one error.
pub(super) fn watch<S>(
    bytes: S,
    limit: usize,
    overlong: Overlong,
    connection: Option<Rc<Connection>>,
) -> impl Stream<Item = Result<Bytes, PayloadError>> + use<S>
where
    S: Stream<Item = Result<Bytes, PayloadError>> + 'static,
{
    let mut headers = Headers { limit: limit as u64, ..Headers::default() };
    bytes
        .map(move |chunk| {
            let chunk = chunk?;
            let is_short = headers.accept(&chunk);
            if let Some(connection) = &connection {
                connection.awaits_frame(headers.unended());
            }
            if is_short {
                return Ok(chunk);
            }
            overlong.0.set(true);
            Err(PayloadError::Overflow)
        })
        .scan(false, |failed, chunk| {
            // Nothing after the error can be understood.
            let over = std::mem::replace(failed, *failed || is_overflow(&chunk));
            future::ready((!over).then_some(chunk))
        })
}

fn is_overflow(chunk: &Result<Bytes, PayloadError>) -> bool {
    matches!(chunk, Err(PayloadError::Overflow))
}

/// Where in the sequence of frames the bytes are (RFC 6455 5.2).
#[derive(Default)]
struct Headers {
    limit: u64,
    /// Frames that have ended.
    ended: u64,
    header: Vec<u8>,
    payload_left: u64,
}

impl Headers {
    /// Follows the chunk; `false` when a frame in it is too long.
    fn accept(&mut self, mut chunk: &[u8]) -> bool {
        while !chunk.is_empty() {
            if self.payload_left > 0 {
                let left = usize::try_from(self.payload_left).unwrap_or(usize::MAX);
                let skipped = left.min(chunk.len());
                self.payload_left -= skipped as u64;
                self.ended += u64::from(self.payload_left == 0);
                chunk = &chunk[skipped..];
                continue;
            }
            self.header.push(chunk[0]);
            chunk = &chunk[1..];
            if let Some(length) = payload_length(&self.header) {
                if length > self.limit {
                    return false;
                }
                self.header.clear();
                self.payload_left = length;
                self.ended += u64::from(length == 0);
            }
        }
        true
    }

    /// The number of the frame that has begun and not ended.
    fn unended(&self) -> Option<u64> {
        (!self.header.is_empty() || self.payload_left > 0).then_some(self.ended)
    }
}

/// The length a complete header announces.
fn payload_length(header: &[u8]) -> Option<u64> {
    let second = *header.get(1)?;
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    if header.len() < 2 + extended + mask {
        return None;
    }
    let length = match extended {
        0 => u64::from(second & 0x7f),
        _ => header[2..2 + extended].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    Some(length)
}
