//! Sends frames in the form that a fault asks for. What is held back leaves with or after the next
//! frame.

use actix_http::ws::{Item, Message};
use bytes::Bytes;

use crate::api::tamper;
use crate::faults::Distortion;

/// A frame of a type that no client knows, today or tomorrow.
const UNKNOWN: &str = r#"{"type":"holdline.unknown","content":"a client passes over this"}"#;
/// The middle of a text that is not UTF-8.
const NOT_UTF8: [u8; 2] = [0xc3, 0x28];
const MAX_FRAGMENTS: usize = 1000;

/// What is held back.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    before: Vec<String>,
    after: Vec<String>,
}

impl Emitter {
    /// The frames that leave now, in order, for a text in this distortion.
    pub(super) fn emit(&mut self, text: String, distortion: Distortion) -> Vec<Message> {
        match distortion {
            Distortion::Coalesced => {
                self.before.push(text);
                return Vec::new();
            }
            Distortion::Reordered => {
                self.after.push(text);
                return Vec::new();
            }
            _ => {}
        }
        let mut frames: Vec<Message> = self.before.drain(..).map(plain).collect();
        shaped(text, distortion, &mut frames);
        frames.extend(self.after.drain(..).map(plain));
        frames
    }
}

fn shaped(text: String, distortion: Distortion, frames: &mut Vec<Message>) {
    match distortion {
        Distortion::Fragmented(parts) => {
            let parts = usize::try_from(parts).unwrap_or(usize::MAX).clamp(2, MAX_FRAGMENTS);
            fragmented(text.into_bytes(), parts, frames);
        }
        Distortion::Binary => frames.push(Message::Binary(text.into())),
        Distortion::NotUtf8 => {
            let mut bytes = text.into_bytes();
            bytes.extend_from_slice(&NOT_UTF8);
            fragmented(bytes, 2, frames);
        }
        Distortion::UnknownTypeFirst => frames.extend([plain(UNKNOWN.to_owned()), plain(text)]),
        Distortion::EmptyFirst => frames.extend([plain(String::new()), plain(text)]),
        _ => frames.push(plain(tamper::text(text, distortion))),
    }
}

fn fragmented(bytes: Vec<u8>, parts: usize, frames: &mut Vec<Message>) {
    let bytes = Bytes::from(bytes);
    let length = bytes.len().div_ceil(parts).max(1);
    let starts: Vec<usize> = (0..bytes.len()).step_by(length).collect();
    for (place, &start) in starts.iter().enumerate() {
        let part = bytes.slice(start..(start + length).min(bytes.len()));
        frames.push(Message::Continuation(match place {
            0 => Item::FirstText(part),
            _ if place + 1 == starts.len() => Item::Last(part),
            _ => Item::Continue(part),
        }));
    }
    if starts.len() == 1 {
        frames.push(Message::Continuation(Item::Last(Bytes::new())));
    }
}

fn plain(text: String) -> Message {
    Message::Text(text.into())
}
