//! One open WebSocket: reads until it ends, writes what it is given, and never does one at the
//! expense of the other.
//!
//! Writes go through a short queue into a loop of their own, so a socket that takes no more bytes
//! holds up nothing: the queue fills, further writes are dropped, and the probe finds the socket
//! dead. It refuses to interpret: text goes to [`wire`], the rest is a sign of life.

use std::future::Future;
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, Frame, Item, Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::sync::{mpsc, oneshot};

use super::wire;
use crate::core::session::Incoming;

/// Writes waiting at most: one message in flight, pings and pongs.
const WRITES_MAX: usize = 8;

/// Longest time a closing handshake may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Largest message reassembled from continuation frames: 64 KiB.
const REASSEMBLED_MAX: usize = 64 * 1024;

/// The code of a close frame that names none (RFC 6455 7.1.5).
const NO_STATUS: u16 = 1005;

/// Both directions of an upgraded connection.
pub(crate) trait Duplex:
    Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

impl<T> Duplex for T where
    T: Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

/// An upgraded connection of any kind of stream.
pub(crate) type Connection = Box<dyn Duplex>;

/// The writing end of an open socket.
#[derive(Debug)]
pub(crate) struct Writer {
    writes: mpsc::Sender<Message>,
    close: Option<oneshot::Sender<u16>>,
}

impl Writer {
    pub(crate) fn text(&self, text: String) {
        write_or_drop(&self.writes, Message::Text(ByteString::from(text)));
    }

    pub(crate) fn ping(&self) {
        write_or_drop(&self.writes, Message::Ping(Bytes::new()));
    }

    /// Starts the closing handshake, past everything that still waits to be written.
    pub(crate) fn close(&mut self, code: u16) {
        if let Some(close) = self.close.take() {
            // An ended socket needs no closing.
            let _ = close.send(code);
        }
    }
}

fn write_or_drop(writes: &mpsc::Sender<Message>, message: Message) {
    if writes.try_send(message).is_err() {
        tracing::debug!("socket takes no more writes");
    }
}

/// The two ends of a connection's plumbing: the [`Writer`] to keep and the future to run.
///
/// The future ends with the socket and gives the code of the peer's close frame, if one came.
/// `on_frame` is awaited for each frame, so a busy client slows the socket down instead of filling
/// memory; `on_end` is called once, before the closing handshake.
pub(crate) fn run<F: Future<Output = ()>>(
    connection: Connection,
    on_frame: impl FnMut(Incoming) -> F,
    on_end: impl FnOnce(Option<u16>),
) -> (Writer, impl Future<Output = ()>) {
    let (writes, queue) = mpsc::channel(WRITES_MAX);
    let (close, closing) = oneshot::channel();
    let pongs = writes.clone();
    let (mut sink, mut stream) = connection.split();
    let task = async move {
        let end = tokio::select! {
            biased;
            Ok(code) = closing => End::Ours(code),
            code = read(&mut stream, &pongs, on_frame) => End::Peer(code),
            () = write(&mut sink, queue) => End::Peer(None),
        };
        if let End::Peer(code) = end {
            on_end(code);
        }
        let _ = tokio::time::timeout(CLOSE_WITHIN, finish(end, sink, stream)).await;
    };
    (Writer { writes, close: Some(close) }, task)
}

#[derive(Clone, Copy)]
enum End {
    /// We close, with this code.
    Ours(u16),
    /// The peer closed, with this code, or the connection broke.
    Peer(Option<u16>),
}

async fn finish(
    end: End,
    mut sink: SplitSink<Connection, Message>,
    mut stream: SplitStream<Connection>,
) {
    let code = match end {
        End::Peer(Some(NO_STATUS)) => 1000,
        End::Ours(code) | End::Peer(Some(code)) => code,
        End::Peer(None) => return,
    };
    let reason = CloseReason::from(CloseCode::from(code));
    if sink.send(Message::Close(Some(reason))).await.is_ok() && matches!(end, End::Ours(_)) {
        while let Some(Ok(frame)) = stream.next().await {
            if matches!(frame, Frame::Close(_)) {
                break;
            }
        }
    }
    let _ = sink.close().await;
}

async fn write(sink: &mut SplitSink<Connection, Message>, mut queue: mpsc::Receiver<Message>) {
    while let Some(message) = queue.recv().await {
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

async fn read<F: Future<Output = ()>>(
    stream: &mut SplitStream<Connection>,
    pongs: &mpsc::Sender<Message>,
    mut on_frame: impl FnMut(Incoming) -> F,
) -> Option<u16> {
    let mut assembler = Assembler::default();
    loop {
        let incoming = match stream.next().await? {
            Err(error) => {
                tracing::debug!(%error, "socket failed");
                return None;
            }
            Ok(Frame::Close(reason)) => {
                return Some(reason.map_or(NO_STATUS, |reason| reason.code.into()));
            }
            Ok(Frame::Text(text)) => wire::frame(&text),
            Ok(Frame::Binary(_)) => wire::malformed("binary"),
            Ok(Frame::Continuation(item)) => assembler.take(item),
            Ok(Frame::Ping(payload)) => {
                write_or_drop(pongs, Message::Pong(payload));
                Incoming::Alive
            }
            Ok(Frame::Pong(_)) => Incoming::Alive,
        };
        on_frame(incoming).await;
    }
}

/// Puts continuation frames together, up to [`REASSEMBLED_MAX`].
#[derive(Debug, Default)]
struct Assembler {
    parts: BytesMut,
    spoiled: Option<&'static str>,
}

impl Assembler {
    fn take(&mut self, item: Item) -> Incoming {
        match item {
            Item::FirstText(part) => {
                self.parts.clear();
                self.spoiled = None;
                self.push(&part);
                Incoming::Alive
            }
            Item::FirstBinary(_) => {
                self.spoiled = Some("binary");
                Incoming::Alive
            }
            Item::Continue(part) => {
                self.push(&part);
                Incoming::Alive
            }
            Item::Last(part) => {
                self.push(&part);
                let whole = self.parts.split().freeze();
                self.spoiled.map_or_else(|| wire::frame(&whole), wire::malformed)
            }
        }
    }

    fn push(&mut self, part: &Bytes) {
        if self.spoiled.is_none() && self.parts.len() + part.len() > REASSEMBLED_MAX {
            self.parts.clear();
            self.spoiled = Some("longer than 64 KiB");
        }
        if self.spoiled.is_none() {
            self.parts.extend_from_slice(part);
        }
    }
}
