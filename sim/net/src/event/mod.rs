//! The event-driven backend: turmoil-net's TCP, and a clock that jumps to the next thing to do.
//!
//! One paused tokio runtime; one `LocalSet` per host, polled only when it was woken and with its
//! kernel set as current; packets in a queue ordered by time. When no host has anything to do the
//! world returns `Pending` and tokio moves its paused clock to the next timer, which is the next
//! packet or the next deadline of a program. An idle day costs what its timers cost.
//!
//! `stream` is what a program sees of it.
//!
//! Refuses: two simulations on one thread at once (turmoil-net's network is thread-local).

mod stream;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::runtime::Runtime;
use tokio::task::LocalSet;
use tokio::time::{Instant, Sleep};
use turmoil_net::{HostId, KernelConfig, Net};

use self::stream::EventHost;
use super::background::BackgroundTasks;
use super::fabric::Fabric;
use super::links::{LinkFault, LinkProfile, Links};
use super::waker::HostWaker;
use super::{Backend, HostName, HostNet, NetError, NowFn, Program, VirtualNow};

/// A kernel gives a connection up after this long without an answer. Real kernels take minutes;
/// 15 s keeps "the connection died" apart from "the client lost patience" in short scenarios.
const GIVE_UP: Duration = Duration::from_secs(15);
/// Retransmissions without an answer before a segment is repeated. On an otherwise quiet network that is
/// 40 beats of 10 ms, 0.4 s (Linux starts at 0.2 s, RFC 6298 asks for 1 s); on a busy one, where
/// every arrival makes a pass, it is never less than two round trips.
const RTO_PASSES: u32 = 40;
/// Room of one socket in each direction; turmoil-net's default.
const SOCKET_BUFFER_BYTES: usize = 64 * 1024;
/// Turns of the world at one moment. The busiest moment of any scenario takes some hundred; a program
/// that takes more is waiting for something that only time can bring, and does not let it pass.
const TURNS_MAX: u32 = 100_000;
/// Background tasks may fall behind by so much. tokio lets a task go on 128 times before it must wait for its
/// next turn, and what wakes every half second would not catch up with a whole day in one.
const BACKGROUND_EVERY: Duration = Duration::from_secs(30);

struct Host {
    name: HostName,
    id: HostId,
    ip: IpAddr,
    set: Option<LocalSet>,
    background: BackgroundTasks,
    waker: Arc<HostWaker>,
    task_waker: Waker,
    program: Program,
}

/// See the module's documentation.
pub struct EventNet {
    runtime: Rc<Runtime>,
    fabric: Fabric,
    hosts: Vec<Host>,
    world: Arc<AtomicWaker>,
    origin: Instant,
    /// When the background tasks of a network at rest are due.
    background_at: Duration,
    /// Virtual now, so that anybody can ask without a runtime at hand.
    now: VirtualNow,
    /// Turns since it last moved.
    turns: u32,
}

impl EventNet {
    /// A network of the named hosts; every link begins with `profile`. The seed feeds jitter and
    /// loss.
    #[must_use]
    pub fn new(hosts: &[HostName], profile: LinkProfile, seed: u64) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a current-thread runtime needs nothing that could be missing");
        let beat = Fabric::beat(profile.latency);
        let two_round_trips = (profile.latency + profile.jitter).as_millis() as u32 * 4;
        let rto_passes = RTO_PASSES.max(two_round_trips);
        let tries = GIVE_UP.as_millis() / (beat * rto_passes).as_millis();
        let config = KernelConfig::default()
            .retx_threshold(rto_passes)
            .retx_max(tries.max(1) as u32)
            .send_buf_cap(SOCKET_BUFFER_BYTES)
            .recv_buf_cap(SOCKET_BUFFER_BYTES);
        let mut net = Net::with_config(config);
        let known: Vec<_> =
            hosts.iter().map(|&name| (name, net.add_host(name), net.lookup(name))).collect();
        let mut fabric = Fabric::new(net.enter(), Links::new(profile, seed), rto_passes);
        for &(name, _, ip) in &known {
            fabric.add_host(name, ip);
        }
        let world = Arc::new(AtomicWaker::new());
        let origin = {
            let _guard = runtime.enter();
            now_of_runtime()
        };
        let idle: Program = Rc::new(|_| Box::pin(std::future::ready(())));
        let host_of = |(name, id, ip)| {
            let waker = HostWaker::new(Arc::clone(&world));
            let task_waker = waker.waker();
            let background = BackgroundTasks::new(task_waker.clone());
            let program = Rc::clone(&idle);
            Host { name, id, ip, set: None, background, waker, task_waker, program }
        };
        let slots = known.into_iter().map(host_of).collect();
        let now = VirtualNow::default();
        let runtime = Rc::new(runtime);
        let background_at = Duration::ZERO;
        Self { runtime, fabric, hosts: slots, world, origin, background_at, now, turns: 0 }
    }

    fn start(&mut self, index: usize) {
        let _guard = self.runtime.enter();
        let host = &mut self.hosts[index];
        host.background = BackgroundTasks::new(host.task_waker.clone());
        host.background.set_on_time(self.fabric.is_under_way());
        let net: Rc<dyn HostNet> = Rc::new(EventHost {
            now: self.now.clone(),
            syscalls: self.fabric.syscalls(),
            background: host.background.clone(),
        });
        let set = LocalSet::new();
        set.spawn_local((host.program)(net));
        host.set = Some(set);
        host.waker.waker().wake();
    }

    fn index(&self, name: HostName) -> usize {
        self.hosts
            .iter()
            .position(|host| host.name == name)
            .expect("hosts are named when the net is built")
    }

    /// One turn of the world: deliver, poll whoever was woken, collect what they send. The next comes
    /// at `end` at the latest, and behind it none.
    fn turn(&mut self, cx: &mut Context<'_>, sleep: &mut Pin<Box<Sleep>>, end: Duration) {
        // Whoever is woken in this turn is polled in it, and calls for no other.
        self.world.take();
        let now = now_of_runtime() - self.origin;
        if now > self.now.get() {
            self.turns = 0;
        }
        self.now.set(now);
        loop {
            self.turns += 1;
            if self.is_stalled() {
                return;
            }
            let delivered = self.fabric.catch_up(now);
            let ran = self.poll_woken();
            if delivered || ran {
                self.fabric.pass_if_moved(now);
                continue;
            }
            self.world.register(cx.waker());
            let was_under_way = self.fabric.is_under_way();
            let look = self.fabric.next_look(now);
            if look.is_some() != was_under_way {
                self.hosts.iter().for_each(|host| host.background.set_on_time(look.is_some()));
            }
            let look = look.unwrap_or_else(|| self.next_background(now));
            if now >= end {
                return;
            }
            let at = self.origin + look.min(end);
            if sleep.deadline() != at {
                sleep.as_mut().reset(at);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                return;
            }
        }
    }

    fn is_stalled(&self) -> bool {
        self.turns >= TURNS_MAX
    }

    /// When background tasks are polled although nothing else happens.
    fn next_background(&mut self, now: Duration) -> Duration {
        if now >= self.background_at {
            self.hosts.iter().for_each(|host| host.background.catch_up());
            self.background_at = now + BACKGROUND_EVERY;
        }
        self.background_at
    }

    fn poll_woken(&mut self) -> bool {
        let mut ran = false;
        for host in &mut self.hosts {
            if !host.waker.take() {
                continue;
            }
            let Some(set) = &mut host.set else { continue };
            ran = true;
            let mut cx = Context::from_waker(&host.task_waker);
            let run = || {
                host.background.catch_up();
                Pin::new(set).poll(&mut cx)
            };
            self.fabric.as_host((host.id, host.ip), run).is_ready();
        }
        ran
    }
}

impl Backend for EventNet {
    fn name(&self) -> &'static str {
        "event"
    }

    fn add_host(&mut self, name: HostName, program: Program) {
        let index = self.index(name);
        self.hosts[index].program = program;
        self.start(index);
    }

    fn advance(&mut self, until: Duration, done: &mut dyn FnMut() -> bool) -> Result<(), NetError> {
        let runtime = Rc::clone(&self.runtime);
        runtime.block_on(async {
            let mut look = Box::pin(tokio::time::sleep_until(self.origin + until));
            std::future::poll_fn(|cx| {
                self.turn(cx, &mut look, until);
                if done() || self.is_stalled() || self.now.get() >= until {
                    return Poll::Ready(());
                }
                Poll::Pending
            })
            .await;
        });
        if self.is_stalled() {
            return Err(NetError::Stalled { at: self.now.get(), turns: self.turns });
        }
        let _guard = self.runtime.enter();
        self.now.set(now_of_runtime() - self.origin);
        Ok(())
    }

    fn clock(&self) -> NowFn {
        let now = self.now.clone();
        Arc::new(move || now.get())
    }

    fn apply(&mut self, fault: &LinkFault) -> Result<(), NetError> {
        self.fabric.apply(self.now.get(), fault);
        Ok(())
    }

    fn crash(&mut self, host: HostName) {
        let index = self.index(host);
        let _guard = self.runtime.enter();
        let host = &mut self.hosts[index];
        let Some(set) = host.set.take() else { return };
        host.background = BackgroundTasks::new(host.task_waker.clone());
        self.fabric.as_host((host.id, host.ip), || drop(set));
        self.fabric.forget_connections(self.now.get(), host.ip);
    }

    fn restart(&mut self, host: HostName) {
        self.crash(host);
        self.start(self.index(host));
    }
}

impl Drop for EventNet {
    fn drop(&mut self) {
        let _guard = self.runtime.enter();
        for host in &mut self.hosts {
            let set = host.set.take();
            self.fabric.as_host((host.id, host.ip), || drop(set));
        }
        self.fabric.leave();
    }
}

/// The paused clock of the simulation is the time that is passed in.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the simulated clock")]
fn now_of_runtime() -> Instant {
    Instant::now()
}
