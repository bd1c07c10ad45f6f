//! The ticking backend: turmoil, for cross-checking what the event-driven one says.
//!
//! Every host is polled every tick, whether anything happens or not. turmoil's own TCP has no
//! retransmission and no RST that a program can ask for, hence:
//!
//! - loss is refused ([`NetError::Unsupported`]): one lost segment would stall a stream for ever;
//! - a partition loses what was under way, and a stream never recovers from it (a new connection
//!   does); a connect during a partition is refused at once instead of timing out;
//! - `abort` marks the connection in a table that both ends share, and the FIN that turmoil sends
//!   is then read as `ConnectionReset`;
//! - `Refuse` is answered by the seam, after one round trip, without a packet.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use futures_util::future::LocalBoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use turmoil::net::{TcpListener, TcpStream};
use turmoil::{Builder, Sim};

use super::links::{Direction, LinkFault, LinkProfile};
use super::{
    Backend, HostName, HostNet, NetError, NetListener, NetStream, NowFn, Program, RawStream,
    VirtualNow,
};

/// Default tick, the resolution of every delay.
pub const TICK: Duration = Duration::from_millis(1);
/// Segments and pending connections a socket may hold; turmoil panics above the latter.
const TCP_CAPACITY: usize = 128;
/// Any fixed moment does; turmoil would take the real now.
const EPOCH: Duration = Duration::from_secs(1_700_000_000);

/// What both ends of every connection can see.
#[derive(Default)]
struct Shared {
    resets: BTreeSet<(SocketAddr, SocketAddr)>,
    refusing: BTreeMap<HostName, bool>,
    round_trip: Duration,
}

/// See the module's documentation.
pub struct TickNet {
    sim: Sim<'static>,
    now: VirtualNow,
    shared: Rc<RefCell<Shared>>,
}

impl TickNet {
    /// A network whose links begin with `profile`; loss in it is refused when it is applied.
    #[must_use]
    pub fn new(profile: LinkProfile, seed: u64) -> Self {
        let sim = Builder::new()
            .epoch(SystemTime::UNIX_EPOCH + EPOCH)
            .rng_seed(seed)
            .tick_duration(TICK)
            .simulation_duration(Duration::MAX)
            .min_message_latency(profile.latency)
            .max_message_latency(profile.latency + profile.jitter)
            .tcp_capacity(TCP_CAPACITY)
            .build();
        let round_trip = profile.latency * 2;
        let shared = Rc::new(RefCell::new(Shared { round_trip, ..Shared::default() }));
        Self { sim, now: VirtualNow::default(), shared }
    }

    fn set_profile(&mut self, way: Direction, profile: LinkProfile) -> Result<(), NetError> {
        if profile.loss_ppm > 0 {
            return Err(NetError::Unsupported {
                backend: "tick",
                fault: "loss".into(),
                why: "turmoil's TCP does not repeat a lost segment",
            });
        }
        if profile.jitter.is_zero() {
            self.sim.set_link_latency(way.from, way.to, profile.latency);
        } else {
            self.sim.set_link_max_message_latency(
                way.from,
                way.to,
                profile.latency + profile.jitter,
            );
        }
        Ok(())
    }
}

impl Backend for TickNet {
    fn name(&self) -> &'static str {
        "tick"
    }

    fn add_host(&mut self, name: HostName, program: Program) {
        let shared = Rc::clone(&self.shared);
        self.sim.host(name, move || {
            let net: Rc<dyn HostNet> = Rc::new(TickHost { shared: Rc::clone(&shared) });
            let future = program(net);
            async move {
                future.await;
                // A host whose program returns is finished for turmoil; its sockets must live on.
                std::future::pending::<()>().await;
                Ok(())
            }
        });
    }

    fn advance(&mut self, until: Duration, done: &mut dyn FnMut() -> bool) -> Result<(), NetError> {
        while self.sim.elapsed() < until {
            self.sim.step().map_err(|error| NetError::Stopped {
                backend: "tick",
                message: error.to_string(),
            })?;
            self.now.set(self.sim.elapsed());
            if done() {
                break;
            }
        }
        Ok(())
    }

    fn clock(&self) -> NowFn {
        let between_steps = self.now.clone();
        Arc::new(move || turmoil::sim_elapsed().unwrap_or_else(|| between_steps.get()))
    }

    fn apply(&mut self, fault: &LinkFault) -> Result<(), NetError> {
        match *fault {
            LinkFault::Partition { way, on: true } => self.sim.partition_oneway(way.from, way.to),
            LinkFault::Partition { way, on: false } => self.sim.repair_oneway(way.from, way.to),
            LinkFault::Hold { way, on: true } => self.sim.hold(way.from, way.to),
            LinkFault::Hold { way, on: false } => self.sim.release(way.from, way.to),
            LinkFault::Profile { way, profile } => self.set_profile(way, profile)?,
            LinkFault::Refuse { host, on } => {
                self.shared.borrow_mut().refusing.insert(host, on);
            }
        }
        Ok(())
    }

    fn crash(&mut self, host: HostName) {
        self.sim.crash(host);
    }

    fn restart(&mut self, host: HostName) {
        self.sim.bounce(host);
    }
}

struct TickHost {
    shared: Rc<RefCell<Shared>>,
}

impl HostNet for TickHost {
    fn connect(&self, to: HostName, port: u16) -> LocalBoxFuture<'static, io::Result<NetStream>> {
        let shared = Rc::clone(&self.shared);
        Box::pin(async move {
            let (refused, round_trip) = {
                let shared = shared.borrow();
                (shared.refusing.get(to).copied().unwrap_or(false), shared.round_trip)
            };
            if refused {
                tokio::time::sleep(round_trip).await;
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            wrap(TcpStream::connect((to, port)).await?, shared)
        })
    }

    fn listen(&self, port: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>> {
        let shared = Rc::clone(&self.shared);
        Box::pin(async move {
            let listener = TcpListener::bind(("0.0.0.0", port)).await?;
            Ok(Box::new(TickListener { listener, shared }) as Box<dyn NetListener>)
        })
    }

    fn now(&self) -> Duration {
        turmoil::sim_elapsed().unwrap_or_default()
    }
}

struct TickListener {
    listener: TcpListener,
    shared: Rc<RefCell<Shared>>,
}

impl NetListener for TickListener {
    fn accept(&self) -> LocalBoxFuture<'_, io::Result<NetStream>> {
        Box::pin(async {
            let (stream, _) = self.listener.accept().await?;
            wrap(stream, Rc::clone(&self.shared))
        })
    }
}

fn wrap(stream: TcpStream, shared: Rc<RefCell<Shared>>) -> io::Result<NetStream> {
    let (local, peer) = (stream.local_addr()?, stream.peer_addr()?);
    shared.borrow_mut().resets.remove(&(peer, local));
    Ok(NetStream::new(TickStream { stream, local, peer, shared, was_reset: false }))
}

struct TickStream {
    stream: TcpStream,
    local: SocketAddr,
    peer: SocketAddr,
    shared: Rc<RefCell<Shared>>,
    was_reset: bool,
}

impl TickStream {
    /// The FIN has arrived: was it meant as a reset?
    fn check_reset(&mut self) -> io::Result<()> {
        self.was_reset |= self.shared.borrow().resets.contains(&(self.peer, self.local));
        if self.was_reset { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for TickStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let room = buf.remaining() > 0;
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        if room && buf.filled().len() == before {
            return Poll::Ready(self.check_reset());
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for TickStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.was_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl RawStream for TickStream {
    fn abort(self: Box<Self>) {
        self.shared.borrow_mut().resets.insert((self.local, self.peer));
    }

    fn local(&self) -> SocketAddr {
        self.local
    }

    fn peer(&self) -> SocketAddr {
        self.peer
    }
}
