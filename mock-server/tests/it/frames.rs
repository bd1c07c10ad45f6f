//! An open socket from a client's side, over whatever carries it.

use actix_http::ws::{Frame, Message, ProtocolError};
use futures_util::{Sink, Stream};

pub(crate) trait Frames:
    Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

impl<T> Frames for T where
    T: Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}
