//! What a page lends to the client: a bus over its channel, and its locks.
//!
//! Refuses to pretend: what the browser lacks is not lent, and the reason is given instead.

use futures_util::future::{LocalBoxFuture, ready};
use holdline_client::tabs::{Ask, Bus, BusError, HeldLock, Listening, LocksError, TabLocks};

use super::channel::{Channel, ChannelError, Value};
use super::locks::{LockError, Locks};
use super::page::Page;

/// One `BroadcastChannel` object.
pub struct PageBus(Channel);

/// The page's lock manager.
pub struct PageLocks(Locks);

impl Page {
    /// The channel of that name as the client's bus.
    pub fn bus(&self, name: &str) -> Result<PageBus, ChannelError> {
        self.channel(name).map(PageBus)
    }

    /// The page's locks as the client's.
    pub fn tab_locks(&self) -> Result<PageLocks, LockError> {
        self.locks().map(PageLocks)
    }
}

impl Bus for PageBus {
    fn post(&self, message: &str) -> Result<(), BusError> {
        let posted = self.0.post(Value::Text(message.to_owned()));
        posted.map_err(|error| BusError(error.to_string()))
    }

    fn listen(&self, hear: Box<dyn Fn(String)>) -> Listening {
        self.0.listen(hear)
    }
}

impl TabLocks for PageLocks {
    fn request(
        &self,
        name: &str,
        ask: Ask,
    ) -> LocalBoxFuture<'static, Result<HeldLock, LocksError>> {
        let request = match ask {
            Ask::Queue => self.0.request(name),
            Ask::Steal => self.0.steal(name),
        };
        Box::pin(async move {
            match request.await {
                Ok(lock) => Ok(HeldLock::new(Box::pin(lock.stolen()), move || drop(lock))),
                // Granted and lost while the page slept.
                Err(LockError::Stolen) => Ok(HeldLock::new(Box::pin(ready(())), || {})),
                Err(error) => Err(LocksError(error.to_string())),
            }
        })
    }
}
