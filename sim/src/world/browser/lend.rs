//! What a page lends to the client: a bus over its channel, and its locks.
//!
//! Refuses to hide that a browser lacks something: the client is told, and degrades by itself.

use futures_util::future::LocalBoxFuture;
use holdline_client::tabs::{Ask, Bus, BusError, HeldLock, Listening, LocksError, TabLocks};

use super::channel::{Channel, ChannelError, Value};
use super::locks::{LockError, Locks};
use super::page::Page;

/// One `BroadcastChannel` object, or the reason why there is none.
pub struct PageBus(Result<Channel, ChannelError>);

/// The page's lock manager, or the reason why there is none.
pub struct PageLocks(Result<Locks, LockError>);

impl Page {
    /// The channel of that name as the client's bus.
    #[must_use]
    pub fn bus(&self, name: &str) -> PageBus {
        PageBus(self.channel(name))
    }

    /// The page's locks as the client's.
    #[must_use]
    pub fn tab_locks(&self) -> PageLocks {
        PageLocks(self.locks())
    }
}

impl Bus for PageBus {
    fn post(&self, message: &str) -> Result<(), BusError> {
        let channel = self.0.as_ref().map_err(|error| BusError(error.to_string()))?;
        let posted = channel.post(Value::Text(message.to_owned()));
        posted.map_err(|error| BusError(error.to_string()))
    }

    fn listen(&self, hear: Box<dyn Fn(String)>) -> Listening {
        match &self.0 {
            Ok(channel) => channel.listen(hear),
            Err(_) => Listening::new(|| {}),
        }
    }
}

impl TabLocks for PageLocks {
    fn request(
        &self,
        name: &str,
        ask: Ask,
    ) -> LocalBoxFuture<'static, Result<HeldLock, LocksError>> {
        let request = self.0.as_ref().map(|locks| match ask {
            Ask::Queue => locks.request(name),
            Ask::Steal => locks.steal(name),
        });
        let request = request.map_err(|&error| error);
        Box::pin(async move {
            let granted = async { request?.await }.await;
            let lock = granted.map_err(|error: LockError| LocksError(error.to_string()))?;
            Ok(HeldLock::new(Box::pin(lock.stolen()), move || drop(lock)))
        })
    }
}
