//! The network as a program on a host sees it: connect, listen, streams.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil_net::shim::tokio::net::{TcpListener, TcpStream};

use super::SOCKET_BUFFER_BYTES;
use crate::background::BackgroundTasks;
use crate::syscalls::Syscalls;
use crate::{HostName, HostNet, NetListener, NetStream, RawStream, VirtualNow};

/// A host's way to the network.
pub(super) struct EventHost {
    pub(super) now: VirtualNow,
    pub(super) syscalls: Syscalls,
    pub(super) background: BackgroundTasks,
}

impl HostNet for EventHost {
    fn connect(&self, to: HostName, port: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        let syscalls = self.syscalls.clone();
        Box::pin(async move {
            syscalls.note();
            wrap(TcpStream::connect((to, port)).await?, &syscalls)
        })
    }

    fn listen(&self, port: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        let syscalls = self.syscalls.clone();
        Box::pin(async move {
            let listener = TcpListener::bind(("0.0.0.0", port)).await?;
            Ok(Box::new(EventListener { listener, syscalls }) as Box<dyn NetListener>)
        })
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn spawn_background(&self, task: LocalBoxFuture<'static, ()>) {
        self.background.add(task);
    }
}

struct EventListener {
    listener: TcpListener,
    syscalls: Syscalls,
}

impl NetListener for EventListener {
    fn accept(&self) -> LocalBoxFuture<'_, io::Result<NetStream>> {
        Box::pin(async {
            let (stream, _) = self.listener.accept().await?;
            wrap(stream, &self.syscalls)
        })
    }
}

fn wrap(stream: TcpStream, syscalls: &Syscalls) -> io::Result<NetStream> {
    syscalls.note();
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    let (syscalls, read) = (syscalls.clone(), BytesMut::new());
    Ok(NetStream::new(EventStream { stream, local, peer, syscalls, read }))
}

/// turmoil-net tells the sender about room only when one read frees half the buffer, so a program
/// that reads in small steps would stall a sender for ever. This end always empties the kernel's
/// buffer in one read and hands the bytes out from its own.
struct EventStream {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    syscalls: Syscalls,
    read: BytesMut,
}

impl AsyncRead for EventStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.read.is_empty() {
            if buf.remaining() >= SOCKET_BUFFER_BYTES {
                let polled = ready!(Pin::new(&mut this.stream).poll_read(cx, buf));
                this.syscalls.note();
                return Poll::Ready(polled);
            }
            thread_local! {
                static SCRATCH: std::cell::RefCell<Vec<u8>> =
                    std::cell::RefCell::new(vec![0; SOCKET_BUFFER_BYTES]);
            }
            ready!(SCRATCH.with_borrow_mut(|scratch| {
                let mut whole = ReadBuf::new(scratch);
                let polled = Pin::new(&mut this.stream).poll_read(cx, &mut whole);
                let filled = whole.filled();
                let n = filled.len().min(buf.remaining());
                buf.put_slice(&filled[..n]);
                this.read.extend_from_slice(&filled[n..]);
                polled
            }))?;
            this.syscalls.note();
            return Poll::Ready(Ok(()));
        }
        let n = this.read.len().min(buf.remaining());
        buf.put_slice(&this.read[..n]);
        this.read.advance(n);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for EventStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.syscalls.note();
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.syscalls.note();
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl RawStream for EventStream {
    fn abort(self: Box<Self>) {
        self.syscalls.abort((self.local, self.peer));
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn peer(&self) -> SocketAddr {
        self.peer
    }
}
