//! Real sockets on 127.0.0.1 behind the same seam, so that the conformance suite can ask the
//! operating system the questions it asks the simulated networks.
//!
//! Refuses every fault: a real loopback cannot be told to misbehave. Time is real.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::{HostName, HostNet, NetListener, NetStream, RawStream};

/// One machine; every host name is the machine itself, and a port of the program stands for a
/// port that the system chose.
#[derive(Debug, Clone)]
pub struct Loopback {
    ports: Rc<RefCell<BTreeMap<u16, u16>>>,
    origin: Instant,
}

impl Default for Loopback {
    fn default() -> Self {
        Self::new()
    }
}

impl Loopback {
    /// Begins now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "loopback is the real network in real time")]
    pub fn new() -> Self {
        Self { ports: Rc::default(), origin: Instant::now() }
    }
}

impl HostNet for Loopback {
    fn connect(&self, _: HostName, port: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        let real = self.ports.borrow().get(&port).copied();
        Box::pin(async move {
            // A port nobody listens on: port 1 (tcpmux) is refused on any sane machine.
            let stream = TcpStream::connect(("127.0.0.1", real.unwrap_or(1))).await?;
            wrap(stream)
        })
    }

    fn listen(&self, port: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        let ports = Rc::clone(&self.ports);
        Box::pin(async move {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            ports.borrow_mut().insert(port, listener.local_addr()?.port());
            Ok(Box::new(LoopbackListener(listener)) as Box<dyn NetListener>)
        })
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}

struct LoopbackListener(TcpListener);

impl NetListener for LoopbackListener {
    fn accept(&self) -> LocalBoxFuture<'_, io::Result<NetStream>> {
        Box::pin(async { wrap(self.0.accept().await?.0) })
    }
}

fn wrap(stream: TcpStream) -> io::Result<NetStream> {
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    Ok(NetStream::new(LoopbackStream { stream, local, peer }))
}

struct LoopbackStream {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
}

impl AsyncRead for LoopbackStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for LoopbackStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl RawStream for LoopbackStream {
    fn abort(self: Box<Self>) {
        // A failure means that the connection is gone already, which is what was asked for.
        let _ = self.stream.set_zero_linger();
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn peer(&self) -> SocketAddr {
        self.peer
    }
}
