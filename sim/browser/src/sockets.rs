//! The network as a page sees it: connections that the browser can cut.
//!
//! A page that goes into the back/forward cache loses its sockets: the peer sees them end at once,
//! the page finds out when it runs again (Chrome since 149; `WebKit` always did). Refuses to listen:
//! a page cannot.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use holdline_net::{HostName, HostNet, NetListener, NetStream, RawStream};

/// The network of one page.
pub(super) struct PageNet {
    host: Rc<dyn HostNet>,
    lines: RefCell<Vec<Weak<RefCell<Line>>>>,
    /// Who keeps connections of another kind, and is told when they are cut.
    others: RefCell<Vec<Box<dyn Fn()>>>,
}

impl PageNet {
    pub(super) fn new(host: Rc<dyn HostNet>) -> Self {
        Self { host, lines: RefCell::default(), others: RefCell::default() }
    }

    /// Ends every connection, and every attempt at one.
    pub(super) fn cut(&self) {
        for line in self.lines.take().iter().filter_map(Weak::upgrade) {
            line.borrow_mut().cut();
        }
        self.others.borrow().iter().for_each(|cut| cut());
    }

    pub(super) fn when_cut(&self, cut: impl Fn() + 'static) {
        self.others.borrow_mut().push(Box::new(cut));
    }
}

impl HostNet for PageNet {
    fn connect(&self, to: HostName, port: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        let carrier = Carrier::Connecting(self.host.connect(to, port));
        let line = Rc::new(RefCell::new(Line { carrier, reader: None, writer: None }));
        let mut lines = self.lines.borrow_mut();
        lines.retain(|line| line.strong_count() > 0);
        lines.push(Rc::downgrade(&line));
        Box::pin(async move {
            let connect = std::future::poll_fn(|cx| line.borrow_mut().poll_connect(cx));
            let (local, peer) = connect.await?;
            Ok(NetStream::new(PageStream { line, local, peer }))
        })
    }

    fn listen(&self, _: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        let error = io::Error::new(io::ErrorKind::Unsupported, "a page cannot listen");
        Box::pin(std::future::ready(Err(error)))
    }

    fn now(&self) -> Duration {
        self.host.now()
    }
}

enum Carrier {
    Connecting(LocalBoxFuture<'static, io::Result<NetStream>>),
    Open(NetStream),
    Cut,
}

/// One connection, and who waits for it: the wakers in the kernel die with the socket.
struct Line {
    carrier: Carrier,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Line {
    fn cut(&mut self) {
        self.carrier = Carrier::Cut;
        self.reader.take().into_iter().chain(self.writer.take()).for_each(Waker::wake);
    }

    fn poll_connect(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(SocketAddr, SocketAddr)>> {
        let Carrier::Connecting(connect) = &mut self.carrier else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        };
        remember(&mut self.reader, cx);
        let stream = ready!(connect.as_mut().poll(cx))?;
        let ends = (stream.local(), stream.peer());
        self.carrier = Carrier::Open(stream);
        Poll::Ready(Ok(ends))
    }

    fn stream(&mut self) -> io::Result<Pin<&mut NetStream>> {
        match &mut self.carrier {
            Carrier::Open(stream) => Ok(Pin::new(stream)),
            Carrier::Connecting(_) | Carrier::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

fn remember(waker: &mut Option<Waker>, cx: &Context<'_>) {
    match waker {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *waker = Some(cx.waker().clone()),
    }
}

struct PageStream {
    line: Rc<RefCell<Line>>,
    local: SocketAddr,
    peer: SocketAddr,
}

impl PageStream {
    fn write<T>(
        &self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut NetStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut line = self.line.borrow_mut();
        remember(&mut line.writer, cx);
        poll(line.stream()?, cx)
    }
}

impl AsyncRead for PageStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut line = self.line.borrow_mut();
        remember(&mut line.reader, cx);
        line.stream()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for PageStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, AsyncWrite::poll_flush)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, AsyncWrite::poll_shutdown)
    }
}

impl RawStream for PageStream {
    fn abort(self: Box<Self>) {
        let carrier = std::mem::replace(&mut self.line.borrow_mut().carrier, Carrier::Cut);
        if let Carrier::Open(stream) = carrier {
            stream.abort();
        }
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn peer(&self) -> SocketAddr {
        self.peer
    }
}
