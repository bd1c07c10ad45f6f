//! The guest tokens. A token is never forgotten while its guest may still refresh with it: an
//! expired or superseded one is what a client holds whose refresh answer was lost.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::GuestIndex;

/// Tokens kept for one guest; the oldest beyond that become unknown.
const KEPT_PER_GUEST: usize = 16;

/// What a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) guest: GuestIndex,
    pub(super) expires_at: Duration,
}

/// Every token that is known.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    known: BTreeMap<String, Token>,
    of_guest: BTreeMap<GuestIndex, VecDeque<String>>,
}

impl Tokens {
    pub(super) fn get(&self, token: &str) -> Option<Token> {
        self.known.get(token).copied()
    }

    /// Adds the guest's new token; its older ones end at `older_end_at` at the latest.
    pub(super) fn issue(&mut self, text: String, token: Token, older_end_at: Duration) {
        let texts = self.of_guest.entry(token.guest).or_default();
        for older in texts.iter() {
            if let Some(older) = self.known.get_mut(older) {
                older.expires_at = older.expires_at.min(older_end_at);
            }
        }
        texts.push_back(text.clone());
        if texts.len() > KEPT_PER_GUEST
            && let Some(oldest) = texts.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.known.insert(text, token);
    }

    pub(super) fn expire(&mut self, token: &str, at: Duration) {
        if let Some(token) = self.known.get_mut(token) {
            token.expires_at = token.expires_at.min(at);
        }
    }

    pub(super) fn revoke(&mut self, token: &str) {
        self.known.remove(token);
    }

    /// The tokens of a guest that is no longer remembered.
    pub(super) fn forget(&mut self, guest: GuestIndex) {
        for text in self.of_guest.remove(&guest).unwrap_or_default() {
            self.known.remove(&text);
        }
    }

    pub(super) fn expire_all(&mut self, now: Duration) {
        for token in self.known.values_mut() {
            token.expires_at = token.expires_at.min(now);
        }
    }
}
