//! What a fault makes of what it strikes, and what the shell is told to do about it.

use std::time::Duration;

use super::Distortion;
use crate::core::Refusal;

/// The close code that stands for no close frame at all (RFC 6455 7.4.1).
pub(super) const DROPPED: u16 = 1006;

/// What a fault makes of a request, frame or connection.
pub(crate) enum Outcome {
    /// It is handled; its answer is delivered so.
    Handle(Delivery),
    /// It is not handled and gets this answer.
    Refuse(Refusal),
    /// It is not handled and gets no answer.
    Ignore,
    /// It is not handled and its connection ends.
    Close(u16),
    /// It is not handled and gets something else.
    Instead(Distortion),
    /// Every socket ends and so does its connection; it is not handled.
    Restart { memory: bool },
    /// Every guest is gone, and it is handled.
    Forget,
}

impl Outcome {
    /// It is handled, and its answer has another form.
    pub(super) fn distort(distortion: Distortion) -> Self {
        Self::Handle(Delivery { distortion, ..Delivery::default() })
    }
}

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// How often it is sent; 0 is never.
    pub copies: u8,
    /// How long it is held back.
    pub delay: Duration,
    /// In which form.
    pub distortion: Distortion,
}

impl Default for Delivery {
    fn default() -> Self {
        Self { copies: 1, delay: Duration::ZERO, distortion: Distortion::Plain }
    }
}

/// What the shell does with one request or frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<T> {
    /// Send this.
    Send {
        /// The answer or the refusal.
        answer: Result<T, Refusal>,
        /// How to deliver it.
        delivery: Delivery,
    },
    /// Never answer.
    Silence,
    /// End the connection with this close code instead of answering; without a socket, drop it.
    Close(u16),
    /// Answer something else; nothing was handled.
    Instead(Distortion),
}

impl<T> Reply<T> {
    /// An answer that no fault distorts.
    pub(crate) fn plain(answer: Result<T, Refusal>) -> Self {
        Self::Send { answer, delivery: Delivery::default() }
    }
}
