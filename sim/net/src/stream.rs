//! A connected byte stream, whatever carries it, with a place to listen in.
//!
//! The tap sees exactly the bytes that cross the seam, at the moment they cross it, and how the
//! stream ended. It can look, and cannot touch.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_rt::net::{ActixStream, Ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a backend's own stream must offer.
pub trait RawStream: AsyncRead + AsyncWrite + Unpin {
    /// Ends the connection with RST, as `SO_LINGER` 0 does.
    fn abort(self: Box<Self>);
    /// Address of this end.
    fn local(&self) -> SocketAddr;
    /// Address of the other end.
    fn peer(&self) -> SocketAddr;
}

/// One thing that crossed the seam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TapEvent<'a> {
    /// Bytes that this end has written.
    Wrote(&'a [u8]),
    /// Bytes that this end has read.
    Read(&'a [u8]),
    /// The peer's FIN was read.
    ReadEnd,
    /// Reading or writing failed.
    Failed(io::ErrorKind),
    /// This end let go of the stream; `reset` when it did so with RST.
    Closed {
        /// RST instead of FIN.
        reset: bool,
    },
}

/// Somebody who listens in on one stream.
pub trait Tap {
    /// Called for everything that crosses the seam, in order.
    fn on(&mut self, event: TapEvent<'_>);
}

/// A connection as programs hold it.
pub struct NetStream {
    raw: Option<Box<dyn RawStream>>,
    tap: Option<Box<dyn Tap>>,
    failed: bool,
}

impl NetStream {
    /// Wraps a backend's stream.
    #[must_use]
    pub fn new(raw: impl RawStream + 'static) -> Self {
        Self { raw: Some(Box::new(raw)), tap: None, failed: false }
    }

    /// Lets `tap` listen in from here on.
    #[must_use]
    pub fn tapped(mut self, tap: impl Tap + 'static) -> Self {
        self.tap = Some(Box::new(tap));
        self
    }

    /// Address of the other end.
    #[must_use]
    pub fn peer(&self) -> SocketAddr {
        self.raw().peer()
    }

    /// Address of this end.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.raw().local()
    }

    /// Ends the connection with RST.
    pub fn abort(mut self) {
        self.tell(TapEvent::Closed { reset: true });
        self.tap = None;
        self.raw.take().expect("a stream is whole until it is dropped").abort();
    }

    fn raw(&self) -> &dyn RawStream {
        self.raw.as_deref().expect("a stream is whole until it is dropped")
    }

    fn raw_mut(&mut self) -> Pin<&mut dyn RawStream> {
        Pin::new(self.raw.as_deref_mut().expect("a stream is whole until it is dropped"))
    }

    fn tell(&mut self, event: TapEvent<'_>) {
        if let Some(tap) = &mut self.tap {
            tap.on(event);
        }
    }

    /// The first failure is news; the same one again on the other half is not.
    fn tell_failure(&mut self, error: &io::Error) {
        if !std::mem::replace(&mut self.failed, true) {
            self.tell(TapEvent::Failed(error.kind()));
        }
    }
}

impl Drop for NetStream {
    fn drop(&mut self) {
        if self.raw.is_some() {
            self.tell(TapEvent::Closed { reset: false });
        }
    }
}

impl fmt::Debug for NetStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NetStream({} - {})", self.local(), self.peer())
    }
}

impl AsyncRead for NetStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let room = buf.remaining() > 0;
        match ready!(self.raw_mut().poll_read(cx, buf)) {
            Ok(()) if buf.filled().len() > before => {
                self.tell(TapEvent::Read(&buf.filled()[before..]));
                Poll::Ready(Ok(()))
            }
            Ok(()) => {
                if room {
                    self.tell(TapEvent::ReadEnd);
                }
                Poll::Ready(Ok(()))
            }
            Err(error) => {
                self.tell_failure(&error);
                Poll::Ready(Err(error))
            }
        }
    }
}

impl AsyncWrite for NetStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(self.raw_mut().poll_write(cx, buf)) {
            Ok(n) => {
                self.tell(TapEvent::Wrote(&buf[..n]));
                Poll::Ready(Ok(n))
            }
            Err(error) => {
                self.tell_failure(&error);
                Poll::Ready(Err(error))
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.raw_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.raw_mut().poll_shutdown(cx)
    }
}

/// actix asks for readiness before it reads; a simulated stream is always worth a try.
impl ActixStream for NetStream {
    fn poll_read_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::READABLE))
    }

    fn poll_write_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::WRITABLE))
    }
}
