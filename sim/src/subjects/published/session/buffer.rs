//! `MessageBuffer`: what was typed and is not acknowledged.

use std::time::Duration;

use super::api::Fault;

/// The way on which a message is tried next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Road {
    Socket,
    Rest,
}

impl Road {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Socket => Self::Rest,
            Self::Rest => Self::Socket,
        }
    }
}

/// `BufferedMessage`.
#[derive(Debug, Clone)]
pub(super) struct Buffered {
    pub(super) id: String,
    pub(super) content: String,
    pub(super) timestamp: Duration,
    pub(super) road: Road,
    pub(super) retry_count: u32,
    /// What the socket said against it.
    pub(super) refused: Option<Fault>,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct MessageBuffer(Vec<Buffered>);

impl MessageBuffer {
    pub(super) fn add(&mut self, message: Buffered) {
        self.0.push(message);
    }

    /// Takes a message out; whether it was in.
    pub(super) fn take(&mut self, id: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|message| message.id != id);
        self.0.len() < before
    }

    pub(super) fn get(&mut self, id: &str) -> Option<&mut Buffered> {
        self.0.iter_mut().find(|message| message.id == id)
    }

    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Buffered> {
        self.0.iter_mut()
    }

    /// `getUnacknowledged`, oldest first.
    pub(super) fn unacknowledged(&self) -> Vec<Buffered> {
        self.0.clone()
    }

    /// Messages and bytes of text.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.0.len(), self.0.iter().map(|message| message.content.len()).sum())
    }

    /// `cleanupExpired`.
    pub(super) fn cleanup(&mut self, drop: impl Fn(&Buffered) -> bool) {
        self.0.retain(|message| !drop(message));
    }
}
