//! Clients that begin something and never end it: half a head, half a body, half a frame, an answer
//! that they do not read. Each is given a while and then cut off, or halves could fill the server for
//! ever. It refuses to judge a connection that waits for the server, and one that a fault or a
//! partition keeps from going on.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_util::Stream;

use super::connection::{Connection, UnderWay};

/// What a client has begun and not ended. The same number is the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    /// The head of its next request; nothing else is under way.
    Head(u64),
    Body(u64),
    Frame(u64),
    /// It does not read what is sent; the number is that of the bytes that it did read.
    Reading(u64),
}

/// Resolves when the client has not ended the same for `timeout`; it may take twice as long, because the
/// connection is only looked at now and then, which costs a connection that is idle or busy next to nothing.
pub(super) async fn cut_off(connection: &Connection, timeout: Duration) {
    let mut owed = None;
    loop {
        tokio::time::sleep(timeout).await;
        let still = connection.pending();
        if still.is_some() && still == owed {
            return;
        }
        owed = still;
    }
}

/// The body of a request, which tells its connection when it is waited for.
pub(super) struct Awaited {
    payload: Payload,
    connection: Rc<Connection>,
}

impl Awaited {
    /// In the place of `payload`, where there is one.
    pub(super) fn wrap(payload: Payload, connection: &Rc<Connection>) -> Payload {
        match payload {
            Payload::None => Payload::None,
            payload => {
                let awaited = Self { payload, connection: Rc::clone(connection) };
                Payload::Stream { payload: Box::pin(awaited) }
            }
        }
    }
}

impl Stream for Awaited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.payload).poll_next(context);
        self.connection.awaits_body(polled.is_pending());
        polled
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        self.connection.awaits_body(false);
    }
}

/// The body of an answer, which is under way until it is dropped.
pub(super) struct Answer {
    pub(super) body: BoxBody,
    pub(super) _under_way: UnderWay,
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
