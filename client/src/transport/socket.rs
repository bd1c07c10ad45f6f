//! One open WebSocket: reads until it ends, writes what it is given, and never does one at the
//! expense of the other.
//!
//! Writes go through a short queue into a loop of their own, so a socket that takes no more bytes
//! holds up nothing: the queue fills, further writes are dropped, and the probe finds the socket
//! dead. A writing end that fails does not end the socket at once either: what has arrived is read
//! first. It refuses to interpret: text goes to [`codec`], the rest is a sign of life, also bytes
//! that do not make a frame yet.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, Frame, Item, Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Sleep, sleep};

use crate::core::close_codes;
use crate::core::profile::articles::codec;
use crate::core::session::Incoming;

/// Writes waiting at most: one message in flight, pings and pongs.
const WRITES_MAX: usize = 8;

/// Longest time a closing handshake may take.
const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// Longest time that what arrived before a failed write may take to be read.
const DRAIN_WITHIN: Duration = Duration::from_secs(1);

/// Bytes that make no frame yet count as one sign of life in this time, so that a trickle cannot
/// flood the client.
const PARTIAL_EVERY: Duration = Duration::from_secs(1);

/// Largest message reassembled from continuation frames: 64 KiB.
const REASSEMBLED_MAX: usize = 64 * 1024;

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
pub(crate) struct Connection {
    duplex: Box<dyn Duplex>,
    heard: Heard,
}

impl Connection {
    /// Frames over an [`Attended`] stream that raises `heard`.
    pub(crate) fn new(duplex: impl Duplex + 'static, heard: Heard) -> Self {
        Self { duplex: Box::new(duplex), heard }
    }
}

/// Whether bytes have come in since it was last asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Rc<Cell<bool>>);

/// A stream that raises [`Heard`] with each byte that comes in.
#[derive(Debug)]
pub(crate) struct Attended<T> {
    io: T,
    heard: Heard,
}

impl<T> Attended<T> {
    pub(crate) const fn new(io: T, heard: Heard) -> Self {
        Self { io, heard }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Attended<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.heard.0.set(true);
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Attended<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

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
    let (mut sink, stream) = connection.duplex.split();
    let mut inbox = Inbox { stream, heard: connection.heard, told: None };
    let task = async move {
        let end = tokio::select! {
            biased;
            Ok(code) = closing => End::Ours(code),
            code = read(&mut inbox, &pongs, on_frame) => End::Peer(code),
            () = write_and_linger(&mut sink, queue) => End::Peer(None),
        };
        if let End::Peer(code) = end {
            on_end(code);
        }
        let _ = tokio::time::timeout(CLOSE_WITHIN, finish(end, sink, inbox.stream)).await;
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
    mut sink: SplitSink<Box<dyn Duplex>, Message>,
    mut stream: SplitStream<Box<dyn Duplex>>,
) {
    let code = match end {
        End::Peer(Some(close_codes::NO_STATUS)) => close_codes::NORMAL,
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

/// Writes until that fails, and then leaves the reader the time to find the end by itself: the
/// peer's close frame may have arrived already.
async fn write_and_linger(
    sink: &mut SplitSink<Box<dyn Duplex>, Message>,
    mut queue: mpsc::Receiver<Message>,
) {
    while let Some(message) = queue.recv().await {
        if let Err(error) = sink.send(message).await {
            tracing::debug!(%error, "socket takes no writes");
            break;
        }
    }
    sleep(DRAIN_WITHIN).await;
}

/// The reading end of an open socket.
struct Inbox {
    stream: SplitStream<Box<dyn Duplex>>,
    heard: Heard,
    /// Runs from the last part of a frame that was told until the next may be.
    told: Option<Pin<Box<Sleep>>>,
}

/// What the reading end has to tell.
enum Arrival {
    Frame(Frame),
    /// Bytes that do not make a frame yet.
    Partial,
}

impl Inbox {
    async fn next(&mut self) -> Option<Result<Arrival, ProtocolError>> {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Arrival, ProtocolError>>> {
        let polled = self.stream.poll_next_unpin(cx);
        let heard = self.heard.0.take();
        if polled.is_ready() || !heard || self.is_told(cx) {
            return polled.map_ok(Arrival::Frame);
        }
        self.told = Some(Box::pin(sleep(PARTIAL_EVERY)));
        Poll::Ready(Some(Ok(Arrival::Partial)))
    }

    /// Whether a part of a frame was told too short a time ago to tell another.
    fn is_told(&mut self, cx: &mut Context<'_>) -> bool {
        self.told.as_mut().is_some_and(|told| told.as_mut().poll(cx).is_pending())
    }
}

async fn read<F: Future<Output = ()>>(
    inbox: &mut Inbox,
    pongs: &mpsc::Sender<Message>,
    mut on_frame: impl FnMut(Incoming) -> F,
) -> Option<u16> {
    let mut assembler = Assembler::default();
    loop {
        let frame = match inbox.next().await? {
            Err(error) => {
                tracing::debug!(%error, "socket failed");
                return None;
            }
            Ok(Arrival::Partial) => {
                on_frame(Incoming::Alive).await;
                continue;
            }
            Ok(Arrival::Frame(frame)) => frame,
        };
        let incoming = match frame {
            Frame::Close(reason) => {
                return Some(reason.map_or(close_codes::NO_STATUS, |reason| reason.code.into()));
            }
            Frame::Text(text) => codec::frame(&text),
            Frame::Binary(_) => codec::malformed("binary"),
            Frame::Continuation(item) => assembler.take(item),
            Frame::Ping(payload) => {
                write_or_drop(pongs, Message::Pong(payload));
                Incoming::Alive
            }
            Frame::Pong(_) => Incoming::Alive,
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
                self.spoiled.map_or_else(|| codec::frame(&whole), codec::malformed)
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
