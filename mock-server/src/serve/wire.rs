//! The stream under HTTP. It does what its [`Connection`] was asked for; otherwise it is the stream of
//! the system.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_util::either::Either;

use super::connection::Connection;
use super::tls_sniffer::Opened;

/// A slow connection moves a portion of its bytes this often.
const PORTION_EVERY: Duration = Duration::from_millis(50);

/// A connection that can misbehave.
pub(super) struct Wire {
    stream: Opened,
    connection: Rc<Connection>,
    reading: Throttle,
    writing: Throttle,
}

impl Wire {
    pub(super) fn new(stream: Opened, connection: Rc<Connection>) -> Self {
        Self { stream, connection, reading: Throttle::default(), writing: Throttle::default() }
    }

    /// Reads into nowhere until the client hangs up.
    pub(super) async fn swallow(mut self) {
        self.connection.fall_silent();
        // How it ends is the client's business.
        let _ = self.read(&mut [0]).await;
    }

    pub(super) fn connection(&self) -> Rc<Connection> {
        Rc::clone(&self.connection)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.connection.watch(context);
        if this.connection.is_over() {
            return Poll::Ready(Ok(()));
        }
        if this.connection.is_held() {
            return Poll::Pending;
        }
        if this.connection.is_silent() {
            return discard(Pin::new(&mut this.stream), context);
        }
        let Some(portion) = this.connection.bytes_per_second().map(portion) else {
            return Pin::new(&mut this.stream).poll_read(context, buffer);
        };
        ready!(this.reading.poll(context));
        let mut part = buffer.take(portion);
        let polled = Pin::new(&mut this.stream).poll_read(context, &mut part);
        let read = part.filled().len();
        // The bytes are in the buffer already; only its marks have to follow.
        let filled = buffer.filled().len() + read;
        if read > 0 {
            buffer.initialize_unfilled_to(read);
            buffer.set_filled(filled);
            this.reading.pause();
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.connection.is_held() {
            this.connection.watch_writer(context);
            return Poll::Pending;
        }
        if this.connection.is_silent() {
            return Poll::Ready(Ok(bytes.len()));
        }
        let Some(portion) = this.connection.bytes_per_second().map(portion) else {
            let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
            this.connection.sends(match polled {
                Poll::Ready(Ok(sent)) => Some(sent),
                _ => None,
            });
            return polled;
        };
        ready!(this.writing.poll(context));
        let part = &bytes[..bytes.len().min(portion)];
        let written = ready!(Pin::new(&mut this.stream).poll_write(context, part));
        this.writing.pause();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.connection.resets() {
            let stream = match &self.stream {
                Either::Left(stream) => stream,
                Either::Right(stream) => stream.get_ref().0,
            };
            // A connection that is gone already needs no reset.
            let _ = stream.set_zero_linger();
        }
    }
}

/// Reads into nowhere. Only the end is noticed, or a silent connection would outlive its client.
fn discard(mut stream: Pin<&mut Opened>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
    let mut scratch = [0; 1024];
    loop {
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(stream.as_mut().poll_read(context, &mut buffer))?;
        if buffer.filled().is_empty() {
            return Poll::Ready(Ok(()));
        }
    }
}

/// The bytes that a slow connection moves at a time.
fn portion(bytes_per_second: u64) -> usize {
    let portions = 1000 / PORTION_EVERY.as_millis() as u64;
    usize::try_from(bytes_per_second / portions).unwrap_or(usize::MAX).max(1)
}

/// The pause between two portions.
#[derive(Default)]
struct Throttle(Option<Pin<Box<Sleep>>>);

impl Throttle {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.0 {
            ready!(pause.as_mut().poll(context));
            self.0 = None;
        }
        Poll::Ready(())
    }

    fn pause(&mut self) {
        self.0 = Some(Box::pin(tokio::time::sleep(PORTION_EVERY)));
    }
}
