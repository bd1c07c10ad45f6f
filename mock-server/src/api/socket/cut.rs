//! Cuts the connection under a socket, without a close frame. A body that merely ends would be
//! closed politely and late; one that fails makes the HTTP dispatcher drop the stream at once.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use actix_web::Error;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};

/// Shared between the actor, who cuts, and its byte stream, which notices.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Rc<Cell<bool>>);

impl Cut {
    pub(super) fn now(&self) {
        self.0.set(true);
    }
}

/// The bytes of the socket, failing as soon as the connection is to be cut.
pub(super) fn watch<S>(bytes: S, cut: Cut) -> impl Stream<Item = Result<Bytes, Error>> + use<S>
where
    S: Stream<Item = Result<Bytes, Error>> + 'static,
{
    let mut bytes = Box::pin(bytes);
    stream::poll_fn(move |context| {
        let polled = bytes.poll_next_unpin(context);
        if cut.0.get() {
            let failure = io::Error::new(io::ErrorKind::ConnectionAborted, "cut on purpose");
            return Poll::Ready(Some(Err(failure.into())));
        }
        polled
    })
}
