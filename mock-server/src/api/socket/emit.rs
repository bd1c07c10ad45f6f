//! Sends frames in the form that a fault asks for. What is held back leaves with or after the next
//! frame.

use actix_http::ws::{Item, Message};
use bytes::Bytes;

use crate::api::tamper;
use crate::core::{Ack, Push, Refusal};
use crate::faults::Distortion;
use crate::journal::About;
use crate::profile::articles;

/// A frame of a type that no client knows, today or tomorrow.
const UNKNOWN: &str = r#"{"type":"holdline.unknown","content":"a client passes over this"}"#;
/// The middle of a text that is not UTF-8.
const NOT_UTF8: [u8; 2] = [0xc3, 0x28];
const MAX_FRAGMENTS: usize = 1000;

/// A frame of the cloud, and what it is about.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    text: String,
    about: About,
}

impl From<&Push> for Frame {
    fn from(push: &Push) -> Self {
        Self { text: articles::push(push), about: push.into() }
    }
}

impl From<&Result<Ack, Refusal>> for Frame {
    fn from(answer: &Result<Ack, Refusal>) -> Self {
        match answer {
            Ok(ack) => Self { text: articles::ack(ack), about: ack.into() },
            Err(refusal) => Self { text: articles::error_frame(refusal), about: refusal.into() },
        }
    }
}

/// What leaves, and what it is about.
pub(super) type Emitted = (Message, About);

/// What is held back.
#[derive(Debug, Default)]
pub(super) struct Emitter {
    before: Vec<Frame>,
    after: Vec<Frame>,
}

impl Emitter {
    /// What leaves now, in order, for a frame in this form.
    pub(super) fn emit(&mut self, frame: Frame, distortion: Distortion) -> Vec<Emitted> {
        match distortion {
            Distortion::Coalesced => {
                self.before.push(frame);
                return Vec::new();
            }
            Distortion::Reordered => {
                self.after.push(frame);
                return Vec::new();
            }
            _ => {}
        }
        let mut emitted: Vec<Emitted> = self.before.drain(..).map(plain).collect();
        shaped(frame, distortion, &mut emitted);
        emitted.extend(self.after.drain(..).map(plain));
        emitted
    }
}

/// What cannot be read is about nothing.
fn shaped(Frame { text, about }: Frame, distortion: Distortion, emitted: &mut Vec<Emitted>) {
    match distortion {
        Distortion::Fragmented(parts) => {
            let parts = usize::try_from(parts).unwrap_or(usize::MAX).clamp(2, MAX_FRAGMENTS);
            let mut fragments = fragments(text.into_bytes(), parts).into_iter();
            emitted.extend(fragments.next().map(|first| (first, about)));
            emitted.extend(fragments.map(|other| (other, About::Nothing)));
        }
        Distortion::Binary => emitted.push((Message::Binary(text.into()), about)),
        Distortion::NotUtf8 => {
            let mut bytes = text.into_bytes();
            bytes.extend_from_slice(&NOT_UTF8);
            emitted.extend(fragments(bytes, 2).into_iter().map(|part| (part, About::Nothing)));
        }
        Distortion::UnknownTypeFirst | Distortion::EmptyFirst => {
            let first = if distortion == Distortion::EmptyFirst { "" } else { UNKNOWN };
            emitted.push((Message::Text(first.into()), About::Nothing));
            emitted.push(plain(Frame { text, about }));
        }
        Distortion::NotJson => {
            let text = tamper::text(text, distortion);
            emitted.push((Message::Text(text.into()), About::Nothing));
        }
        _ => emitted.push(plain(Frame { text: tamper::text(text, distortion), about })),
    }
}

fn fragments(bytes: Vec<u8>, parts: usize) -> Vec<Message> {
    let bytes = Bytes::from(bytes);
    let length = bytes.len().div_ceil(parts).max(1);
    let starts: Vec<usize> = (0..bytes.len()).step_by(length).collect();
    let part = |(place, &start): (usize, &usize)| {
        let part = bytes.slice(start..(start + length).min(bytes.len()));
        Message::Continuation(match place {
            0 => Item::FirstText(part),
            _ if place + 1 == starts.len() => Item::Last(part),
            _ => Item::Continue(part),
        })
    };
    let mut fragments: Vec<Message> = starts.iter().enumerate().map(part).collect();
    if starts.len() == 1 {
        fragments.push(Message::Continuation(Item::Last(Bytes::new())));
    }
    fragments
}

fn plain(Frame { text, about }: Frame) -> Emitted {
    (Message::Text(text.into()), about)
}
