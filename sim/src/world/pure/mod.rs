//! The pure tier: the same machines, plans, log and oracles, without sockets.
//!
//! One loop takes the next thing in order of time; nothing waits, nothing is awaited. The client is
//! its pure machines with a thin twin of their actors (`client`), the cloud its pure core with a thin
//! twin of its handlers (`cloud`), and what lies between carries whole requests, answers and frames
//! (`links`, `conn`, `proxy`) with the delays and ends that a TCP stack would give them.
//!
//! It refuses a plan with a browser and a subject that is not made of the client's machines. No date,
//! header or byte is ever written; how the bytes of a stream are cut is played by how late the last of
//! them comes.

mod client;
mod cloud;
mod conn;
mod director;
mod links;
mod proxy;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::time::Duration;

use crate::net::NetError;
use crate::plan::Plan;
use crate::subjects::Subject;
use crate::trace::Log;
use client::Twin;
use cloud::CloudTwin;
use conn::{Conn, Packet};
use links::Link;
use proxy::ProxyHabits;

/// As `--backend` names it.
const NAME: &str = "pure";

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
    client: Twin,
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

    /// Lets time pass up to `until`, or to the moment at which `stop` says so.
    fn advance(&mut self, until: Duration, stop: &mut dyn FnMut(&Log) -> bool) {
        let mut seen = 0;
        loop {
            let len = self.log.len();
            if len != seen {
                seen = len;
                if stop(&self.log) {
                    return;
                }
            }
            let queued = self.queue.peek().map(|entry| entry.at);
            let tick = self.client.next_tick();
            let at = match (queued, tick) {
                (Some(queued), Some(tick)) => queued.min(tick),
                (Some(at), None) | (None, Some(at)) => at,
                (None, None) => break,
            };
            if at > until {
                break;
            }
            self.set_now(at.max(self.now));
            if queued.is_some_and(|queued| queued <= at) {
                if let Some(entry) = self.queue.pop() {
                    self.carry_out(entry.due);
                }
            } else {
                self.tick_client();
            }
        }
        self.set_now(until.max(self.now));
    }

    fn carry_out(&mut self, due: Due) {
        match due {
            Due::Arrive { conn, leg, up, packet } => self.arrive(conn, leg, up, packet),
            Due::Retry { conn, leg, up } => self.retry(conn, leg, up),
            Due::Forward { conn, up, packet } => self.forward_now(conn, up, packet),
            Due::Idle { conn } => self.look_for_idleness(conn),
            Due::Answer { conn, late } => self.answer_late(conn, *late),
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
pub(super) fn play(plan: &Plan, subject: &dyn Subject) -> Result<(Log, Duration), NetError> {
    if plan.browser.is_some() {
        return Err(cannot("browser", "it plays one client and no tabs"));
    }
    let clock = Arc::new(AtomicU64::new(0));
    let read = Arc::clone(&clock);
    let log = Log::new(Arc::new(move || Duration::from_nanos(read.load(Atomic::Relaxed))));
    let client = Twin::new(plan, subject, &log)
        .ok_or_else(|| cannot(subject.name(), "it is not made of the machines of holdline"))?;
    let usual = super::director::profile(plan);
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
        client,
        log,
    };
    world.start_client();
    world.direct(plan);
    Ok((world.log.clone(), world.now))
}
