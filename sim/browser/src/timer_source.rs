//! How a browser waits: on tokio's clock, or on one that it is lent.
//!
//! Refuses to know what the time is: whoever sleeps only says for how long.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{Either, LocalBoxFuture, select};
use holdline_client::Timers;

/// tokio's clock, which rounds each wait up to the next millisecond.
struct Tokio;

impl Timers for Tokio {
    fn sleep(&self, wait: Duration) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(wait))
    }
}

/// Timers of the runtime in which they are used.
#[must_use]
pub fn tokio_timers() -> Rc<dyn Timers> {
    Rc::new(Tokio)
}

/// What `work` comes to, if it is done within `wait`.
pub(super) async fn within<T>(
    timers: &dyn Timers,
    wait: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), timers.sleep(wait)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(((), _)) => None,
    }
}
