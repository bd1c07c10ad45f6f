//! The pure tier: the same machines, plans, log and oracles, without sockets.
//!
//! One loop takes the next thing in order of time. The client is its engine with a shell of its own
//! (`client`), alone or in the tabs of the very browser that the full tier has; the cloud
//! its pure core with a thin twin of its handlers (`cloud`). What lies between carries whole requests,
//! answers and frames (`transport`, `links`, `conn`, `proxy`) with the delays and ends that a TCP stack
//! would give them.
//!
//! It refuses a subject that is not made of the client's machines. No date,
//! header or byte is ever written; how the bytes of a stream are cut is played by how late the last of
//! them comes.

mod client;
mod cloud;
mod conn;
mod links;
mod proxy;
mod stage;
mod transport;

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::time::Duration;

use super::{PROXY, director};
use crate::oracle::Bounds;
use crate::plan::Plan;
use crate::subjects::{Setting, Subject};
use crate::trace::{End, Lane, Log};
use client::{Alone, Tabs};
use cloud::CloudTwin;
use conn::{Conn, Packet};
use holdline_net::WALL_AT_START;
use holdline_net::{NetError, NowFn};
use links::Link;
use proxy::ProxyHabits;
use transport::{ClientRef, Open, Process};

/// As `--backend` names it.
const NAME: &str = "pure";
/// Time stands still after so many events at one moment.
const TURNS_MAX: u32 = 100_000;

/// Something that is due.
#[derive(Debug)]
enum Due {
    /// A packet arrives at the other end of a leg.
    Arrive { conn: usize, leg: usize, up: bool, packet: Packet },
    /// A sender looks whether what it repeats gets through.
    Retry { conn: usize, leg: usize, up: bool },
    /// The proxy passes on what it held back.
    Forward { conn: usize, up: bool, packet: Packet },
    /// The proxy looks whether a connection is idle.
    Idle { conn: usize },
    /// The cloud answers late.
    Answer { conn: usize, late: Box<cloud::Late> },
    /// The kernel of the client's machine has given a connection up.
    ClientLost { conn: usize },
    /// The client has waited long enough for the answer to its close frame.
    ClientCloses { conn: usize },
    /// The cloud keeps an idle connection no longer, if nothing was asked since.
    KeptLongEnough { conn: usize, requests: u32 },
    /// The cloud has.
    CloudCloses { conn: usize },
}

/// An entry of the queue: of two at one moment, the earlier made comes first.
struct Entry {
    at: Duration,
    order: u64,
    due: Due,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// Everything there is in one run.
struct World {
    now: Duration,
    clock: Arc<AtomicU64>,
    queue: BinaryHeap<Entry>,
    order: u64,
    log: Log,
    links: [Link; 2],
    dice: links::Dice,
    conns: Vec<Conn>,
    proxy: ProxyHabits,
    cloud: CloudTwin,
    /// By their numbers.
    processes: BTreeMap<u64, Process>,
    /// Whether any of them holds something back.
    holds: bool,
    open: BTreeMap<ClientRef, Open>,
    wall_put: Rc<Cell<Duration>>,
    /// Whoever is in front of it; away while it runs.
    user: Option<User>,
}

/// Who uses the client's machine.
enum User {
    Alone(Box<Alone>),
    Tabs(Box<Tabs>),
}

impl User {
    fn next_tick(&self) -> Option<Duration> {
        match self {
            Self::Alone(alone) => alone.next_tick(),
            Self::Tabs(tabs) => tabs.next_tick(),
        }
    }

    fn run(&mut self, world: &mut World) {
        match self {
            Self::Alone(alone) => alone.run(world),
            Self::Tabs(tabs) => tabs.run(world),
        }
    }
}

impl World {
    fn push(&mut self, at: Duration, due: Due) {
        self.order += 1;
        self.queue.push(Entry { at, order: self.order, due });
    }

    fn set_now(&mut self, now: Duration) {
        self.now = now;
        self.clock.store(now.as_nanos() as u64, Atomic::Relaxed);
    }

    /// Lets time pass up to `until`, or to the moment at which `stop` says so of a log that has grown.
    fn pass_time(
        &mut self,
        until: Duration,
        mut stop: Option<&mut dyn FnMut(&Log) -> bool>,
    ) -> Result<(), NetError> {
        let (mut seen, mut turns) = (0, 0);
        loop {
            if let Some(stop) = &mut stop {
                let len = self.log.len();
                if len != seen && stop(&self.log) {
                    return Ok(());
                }
                seen = len;
            }
            let queued = self.queue.peek().map(|entry| entry.at);
            let tick = self.user.as_ref().and_then(User::next_tick);
            let at = match (queued, tick) {
                (Some(queued), Some(tick)) => queued.min(tick),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => break,
            };
            if at > until {
                break;
            }
            if at > self.now {
                turns = 0;
                self.set_now(at);
            }
            turns += 1;
            if turns > TURNS_MAX {
                return Err(NetError::Stalled { at: self.now, turns: TURNS_MAX });
            }
            if queued.is_some_and(|queued| queued <= at)
                && let Some(entry) = self.queue.pop()
            {
                self.reach(entry.due);
            }
            self.run_user();
        }
        self.set_now(until.max(self.now));
        Ok(())
    }

    fn run_user(&mut self) {
        self.with_user(User::run);
    }

    /// Who is in front of the machine has the whole world for this long.
    fn with_user<T>(&mut self, does: impl FnOnce(&mut User, &mut Self) -> T) -> T {
        let mut user = self.user.take().expect("nobody uses the machine twice at once");
        let done = does(&mut user, self);
        self.user = Some(user);
        done
    }

    /// Carries it out, unless it is for a page that does not run.
    fn reach(&mut self, due: Due) {
        let due = self.with_user(|user, world| match user {
            User::Alone(_) => Some(due),
            User::Tabs(tabs) => world.is_held(due, |tab| tabs.sleeps(tab)),
        });
        if let Some(due) = due {
            self.carry_out(due);
        }
    }

    fn carry_out(&mut self, due: Due) {
        match due {
            Due::Arrive { conn, leg, up, packet } => self.arrive(conn, leg, up, packet),
            Due::Retry { conn, leg, up } => self.retry(conn, leg, up),
            Due::Forward { conn, up, packet } => self.forward_now(conn, up, packet),
            Due::Idle { conn } => self.look_for_idleness(conn),
            Due::Answer { conn, late } => self.answer_late(conn, *late),
            Due::ClientLost { conn } => self.client_lost(conn, End::TimedOut),
            Due::ClientCloses { conn } => self.client_closes(conn),
            Due::KeptLongEnough { conn, requests } => self.kept_long_enough(conn, requests),
            Due::CloudCloses { conn } => self.cloud_closes(conn),
        }
    }

    /// A packet is there: at the client, the proxy or the cloud.
    fn arrive(&mut self, conn: usize, leg: usize, up: bool, packet: Packet) {
        match (leg, up) {
            (0, false) => self.at_client(conn, packet),
            (1, true) => self.at_cloud(conn, packet),
            (_, up) => self.at_proxy(conn, up, packet),
        }
    }
}

fn cannot(what: &str, why: &'static str) -> NetError {
    NetError::Unsupported { backend: NAME, fault: what.to_owned(), why }
}

/// Plays a plan to its end and gives the log, and how much virtual time it took.
pub(super) fn play(
    plan: &Plan,
    bounds: &Bounds,
    subject: &dyn Subject,
) -> Result<(Log, Duration), NetError> {
    let clock = Arc::new(AtomicU64::new(0));
    let read = Arc::clone(&clock);
    let now: NowFn = Arc::new(move || Duration::from_nanos(read.load(Atomic::Relaxed)));
    let log = Log::new(NowFn::clone(&now));
    let wall_put = Rc::default();
    let setting = Setting {
        gateway: PROXY,
        commands: Rc::default(),
        log: log.clone(),
        lane: Lane::Client,
        seed: plan.seed,
        client: plan.client.clone(),
        wall_at_start: WALL_AT_START,
        wall_put: Rc::clone(&wall_put),
    };
    let config = subject
        .machines(&setting)
        .ok_or_else(|| cannot(subject.name(), "it is not made of the machines of holdline"))?;
    let user = match &plan.browser {
        None => User::Alone(Box::new(Alone::new(setting, config))),
        Some(browser) => User::Tabs(Box::new(Tabs::new(browser, plan, &setting, config, now))),
    };
    let usual = super::link_faults::usual_profile(plan);
    let mut world = World {
        now: Duration::ZERO,
        clock,
        queue: BinaryHeap::with_capacity(16),
        order: 0,
        links: [Link::new(usual), Link::new(usual)],
        dice: links::Dice::new(plan.seed),
        conns: Vec::with_capacity(16),
        proxy: ProxyHabits::default(),
        cloud: CloudTwin::new(plan),
        processes: BTreeMap::new(),
        holds: false,
        open: BTreeMap::new(),
        wall_put,
        user: Some(user),
        log,
    };
    world.start_user();
    director::play(plan, bounds, &mut world)?;
    Ok((world.log.clone(), world.now))
}
