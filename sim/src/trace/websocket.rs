//! Decodes WebSocket frames from a copy of the bytes (RFC 6455, 5.2). It validates nothing: the
//! two ends do, and what they let pass is what should be seen.

use bytes::{Buf, BytesMut};

/// A whole message or control frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) opcode: u8,
    pub(super) payload: Vec<u8>,
}

pub(super) const TEXT: u8 = 1;
pub(super) const CLOSE: u8 = 8;
pub(super) const PING: u8 = 9;
pub(super) const PONG: u8 = 10;

/// One direction of one socket.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    /// Opcode and payload of a message that arrives in fragments.
    begun: Option<Decoded>,
}

impl Decoder {
    /// Takes the next whole message off the front of `bytes`.
    pub(super) fn next(&mut self, bytes: &mut BytesMut) -> Option<Decoded> {
        loop {
            let (last, frame) = take_frame(bytes)?;
            if frame.opcode >= 8 {
                return Some(frame);
            }
            let whole = match self.begun.take() {
                Some(mut begun) => {
                    begun.payload.extend(frame.payload);
                    begun
                }
                None => frame,
            };
            if last {
                return Some(whole);
            }
            self.begun = Some(whole);
        }
    }
}

/// One frame: whether it is the last of its message, and what it carries.
fn take_frame(bytes: &mut BytesMut) -> Option<(bool, Decoded)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (len, mut head) = match second & 0x7f {
        126 => (usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)), 4),
        127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?) as usize, 10),
        short => (usize::from(short), 2),
    };
    let mut mask = [0; 4];
    if second & 0x80 != 0 {
        mask = bytes.get(head..head + 4)?.try_into().ok()?;
        head += 4;
    }
    if bytes.len() < head.checked_add(len)? {
        return None;
    }
    bytes.advance(head);
    let mut payload = bytes.split_to(len).to_vec();
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Some((first & 0x80 != 0, Decoded { opcode: first & 0x0f, payload }))
}
