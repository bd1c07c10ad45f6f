//! Who the guest is and what speaks for it. This is where a token is redacted: no `Debug` shows one.

use std::fmt;

use crate::time::Wall;

/// A guest as a server hands it out, at creation and at refresh.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// `webchatInstanceId`: names the conversation.
    pub instance: String,
    /// Bearer token of the guest.
    pub token: String,
    /// Life time in seconds as sent; `None` when missing or not a number.
    pub expires_in_s: Option<u64>,
}

/// A guest as it survives a restart.
#[derive(Clone, PartialEq, Eq)]
pub struct SavedGuest {
    /// `webchatInstanceId`.
    pub instance: String,
    /// Bearer token.
    pub token: String,
    /// When the token expires.
    pub expires_at: Wall,
}

/// What is needed to speak for the guest.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Rises with every new token.
    pub generation: u64,
    /// `webchatInstanceId`.
    pub instance: String,
    /// Bearer token.
    pub token: String,
}

// Logs and failed assertions show whose token it is, never the token.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("instance", &self.instance)
            .field("expires_in_s", &self.expires_in_s)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SavedGuest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedGuest")
            .field("instance", &self.instance)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("generation", &self.generation)
            .field("instance", &self.instance)
            .finish_non_exhaustive()
    }
}

impl Credentials {
    /// As they are remembered.
    pub(crate) fn saved(&self, expires_at: Wall) -> SavedGuest {
        let Self { instance, token, .. } = self.clone();
        SavedGuest { instance, token, expires_at }
    }
}
