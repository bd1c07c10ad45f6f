//! `BroadcastChannel`: text to every other object of the same name, in order for each pair and in no
//! order otherwise.
//!
//! Refuses what real ones refuse: values that cannot be cloned, a closed object, and any promise to a
//! page that did not listen yet when the message was posted.

use std::rc::Rc;

use holdline_client::tabs::Listening;
use thiserror::Error;

use super::broadcast::Channels;

/// What a script posts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Can be cloned.
    Text(String),
    /// Cannot.
    Function,
}

/// Why a message was not posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ChannelError {
    /// The browser has no `BroadcastChannel`.
    #[error("this browser has no BroadcastChannel")]
    Unsupported,
    /// The value cannot be cloned.
    #[error("DataCloneError: a function cannot be cloned")]
    DataClone,
    /// The channel is closed.
    #[error("InvalidStateError: the channel is closed")]
    InvalidState,
}

/// One `BroadcastChannel` object of a page; it never hears itself. Dropping it closes it.
pub struct Channel {
    channels: Rc<Channels>,
    port: u64,
}

impl Channel {
    pub(super) fn new(channels: Rc<Channels>, port: u64) -> Self {
        Self { channels, port }
    }

    /// Posts to every other object of this name that has a listener now.
    pub fn post(&self, value: Value) -> Result<(), ChannelError> {
        match value {
            Value::Text(text) => self.channels.post(self.port, &text),
            Value::Function => Err(ChannelError::DataClone),
        }
    }

    /// Calls `hear` with each message that is posted from here on, until the answer is dropped.
    pub fn listen(&self, hear: impl Fn(String) + 'static) -> Listening {
        let (channels, port) = (Rc::clone(&self.channels), self.port);
        let listener = channels.listen(port, Rc::new(hear));
        Listening::new(move || channels.unlisten(port, listener))
    }

    /// Hears and posts nothing any more.
    pub fn close(&self) {
        self.channels.close(self.port);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.close();
    }
}
