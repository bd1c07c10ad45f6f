//! The one seam to the network: what a program on a host may do, and what may be done to it.
//!
//! A program sees a [`HostNet`]: it connects, listens and asks for the time, and gets
//! [`NetStream`]s that carry real HTTP and WebSocket bytes. A harness sees a [`Backend`]: it adds
//! hosts, lets virtual time pass, and applies [`LinkFault`]s. Three backends stand behind it:
//!
//! - [`event`]: the default; turmoil-net's TCP, idle time skipped.
//! - [`tick`]: turmoil, every host polled every tick; the cross-check.
//! - [`loopback`]: real sockets, for the conformance suite only (it cannot be told to misbehave).
//!
//! Nothing in here knows HTTP, chat or plans.

use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::LocalBoxFuture;

mod background;
pub mod duration;
pub mod event;
mod fabric;
mod links;
pub mod loopback;
mod reack;
mod retransmit;
mod stream;
mod syscalls;
pub mod tick;
mod waker;

pub use links::{Direction, LinkFault, LinkProfile};
pub use stream::{NetStream, RawStream, Tap, TapEvent};

/// The name of a host, as programs and plans write it.
pub type HostName = &'static str;

/// Wall clock of the hosts at virtual time 0, since the UNIX epoch: 2026-01-01 00:00:00 UTC.
pub const WALL_AT_START: Duration = Duration::from_secs(1_767_225_600);

/// What a host runs. Called once at start and once more after every restart.
pub type Program = Rc<dyn Fn(Rc<dyn HostNet>) -> LocalBoxFuture<'static, ()>>;

/// The network as a program on one host sees it.
pub trait HostNet {
    /// Opens a connection. Errors are those of a socket: `ConnectionRefused`, `TimedOut`, ...
    fn connect(&self, to: HostName, port: u16) -> LocalBoxFuture<'static, io::Result<NetStream>>;
    /// Listens on every address of this host.
    fn listen(&self, port: u16) -> LocalBoxFuture<'static, io::Result<Box<dyn NetListener>>>;
    /// Virtual time since the simulation began (real time on loopback).
    fn now(&self) -> Duration;
    /// Runs a task that uses no network, and that nobody but this host can tell is late: a backend
    /// may let it wait until the host has something else to do.
    fn spawn_background(&self, task: LocalBoxFuture<'static, ()>) {
        tokio::task::spawn_local(task);
    }
}

/// A listening socket.
pub trait NetListener {
    /// The next connection.
    fn accept(&self) -> LocalBoxFuture<'_, io::Result<NetStream>>;
}

/// Reads a virtual time.
pub type NowFn = Arc<dyn Fn() -> Duration + Send + Sync>;

/// A virtual time that one side sets and any side reads.
#[derive(Debug, Clone, Default)]
struct VirtualNow(Arc<AtomicU64>);

impl VirtualNow {
    fn get(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn set(&self, now: Duration) {
        self.0.store(now.as_nanos() as u64, Ordering::Relaxed);
    }
}

/// Why a backend refuses a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The backend's TCP has no such behaviour.
    #[error(
        "the {backend} backend cannot carry `{fault}`: {why}; the event backend can, which is the one \
         without --pure and --backend"
    )]
    Unsupported {
        /// Name of the backend.
        backend: &'static str,
        /// The fault, as a plan writes it.
        fault: String,
        /// What its TCP lacks.
        why: &'static str,
    },
    /// The simulator itself failed; the text is its own.
    #[error("the {backend} backend stopped: {message}")]
    Stopped {
        /// Name of the backend.
        backend: &'static str,
        /// What it said.
        message: String,
    },
    /// Programs are busy for ever, and the clock never moves.
    #[error(
        "virtual time stands still at {} ms: after {turns} turns of the world somebody still had \
         something to do",
        at.as_millis()
    )]
    Stalled {
        /// When.
        at: Duration,
        /// After so many turns.
        turns: u32,
    },
}

/// A network that a harness drives.
pub trait Backend {
    /// `event`, `tick`.
    fn name(&self) -> &'static str;
    /// Adds a host and starts its program.
    fn add_host(&mut self, name: HostName, program: Program);
    /// Lets virtual time pass up to `until`, or up to the moment `done` answers true.
    fn advance(&mut self, until: Duration, done: &mut dyn FnMut() -> bool) -> Result<(), NetError>;
    /// Reads the virtual time since the beginning, from inside a program or outside.
    fn clock(&self) -> NowFn;
    /// Applies or lifts a fault.
    fn apply(&mut self, fault: &LinkFault) -> Result<(), NetError>;
    /// Kills every process of a host; its kernel says FIN or RST to the peers.
    fn crash(&mut self, host: HostName);
    /// Starts the program of a crashed host again.
    fn restart(&mut self, host: HostName);
}

impl fmt::Debug for dyn Backend + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Backend({})", self.name())
    }
}
