//! What each link does to a packet: a pure machine from (time, packet) to a fate.
//!
//! A link is a pair of hosts with two directions. A direction delivers in order: the receiver drops
//! what overtakes, so jitter that reordered packets would turn into retransmits (see
//! `docs/network.md`). All randomness is drawn from one injected generator, in integers.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use turmoil_net::{Packet, Transport};

use super::HostName;

/// Which way a one-way fault cuts: from the first host to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Direction {
    /// Sender.
    pub from: HostName,
    /// Receiver.
    pub to: HostName,
}

/// Delay of a link, one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkProfile {
    /// Least one-way delay. Default 20 ms, a home connection to a nearby region.
    pub latency: Duration,
    /// Up to this much more, drawn per packet. Default 0.
    pub jitter: Duration,
    /// Lost packets per million. Default 0.
    pub loss_ppm: u32,
}

impl Default for LinkProfile {
    fn default() -> Self {
        Self { latency: Duration::from_millis(20), jitter: Duration::ZERO, loss_ppm: 0 }
    }
}

/// A change to a link, or to how a host answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    /// Packets of this direction are lost; `on: false` heals.
    Partition {
        /// Which way.
        way: Direction,
        /// Start or heal.
        on: bool,
    },
    /// Packets between the two wait and arrive when the hold ends.
    Hold {
        /// Either direction; both are held.
        way: Direction,
        /// Start or release.
        on: bool,
    },
    /// A new delay, jitter and loss, in both directions.
    Profile {
        /// Either direction; both change.
        way: Direction,
        /// What it becomes.
        profile: LinkProfile,
    },
    /// The host answers every SYN with RST.
    Refuse {
        /// Who refuses.
        host: HostName,
        /// Start or end.
        on: bool,
    },
}

/// What happens to one packet.
#[derive(Debug)]
pub(super) enum Fate {
    /// Arrives at that time.
    At(Duration, Packet),
    /// Never arrives.
    Lost,
    /// Waits for the hold to end.
    Held,
}

#[derive(Debug, Default)]
struct Way {
    profile: LinkProfile,
    cut: bool,
    held: Option<VecDeque<Packet>>,
    last_due: Duration,
}

/// Every link of one network. There are a handful, and every packet looks for its own.
#[derive(Debug)]
pub(super) struct Links {
    names: Vec<(IpAddr, HostName)>,
    ways: Vec<(Direction, Way)>,
    refusing: Vec<HostName>,
    default: LinkProfile,
    min_latency: Duration,
    rng: ChaCha8Rng,
}

impl Links {
    pub(super) fn new(default: LinkProfile, seed: u64) -> Self {
        Self {
            names: Vec::new(),
            ways: Vec::new(),
            refusing: Vec::new(),
            default,
            min_latency: default.latency,
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    pub(super) fn add_host(&mut self, name: HostName, ip: IpAddr) {
        self.names.push((ip, name));
    }

    /// The shortest one-way delay of any link: nothing sent now arrives before it has passed.
    pub(super) const fn min_latency(&self) -> Duration {
        self.min_latency
    }

    /// Decides about one packet that leaves its host now.
    pub(super) fn judge(&mut self, now: Duration, packet: Packet) -> Fate {
        let (Some(from), Some(to)) = (self.name(packet.src), self.name(packet.dst)) else {
            return Fate::Lost;
        };
        if is_syn(&packet) && self.refusing.contains(&to) {
            // The SYN travels there before its refusal travels back.
            let refusal = super::reack::refusal_of(&packet);
            return self.judge(now + self.default.latency, refusal);
        }
        let at = self.place(Direction { from, to });
        let (_, way) = &mut self.ways[at];
        if way.cut {
            return Fate::Lost;
        }
        if way.profile.loss_ppm > 0 && self.rng.random_range(0..1_000_000) < way.profile.loss_ppm {
            return Fate::Lost;
        }
        if let Some(held) = &mut way.held {
            held.push_back(packet);
            return Fate::Held;
        }
        Fate::At(due(way, now, &mut self.rng), packet)
    }

    /// Applies a fault; packets set free by it come back with the time they arrive.
    pub(super) fn apply(&mut self, now: Duration, fault: &LinkFault) -> Vec<(Duration, Packet)> {
        match *fault {
            LinkFault::Partition { way, on } => self.way(way).cut = on,
            LinkFault::Hold { way, on: true } => {
                for way in both(way) {
                    self.way(way).held.get_or_insert_default();
                }
            }
            LinkFault::Hold { way, on: false } => return self.release(now, way),
            LinkFault::Profile { way, profile } => {
                for way in both(way) {
                    self.way(way).profile = profile;
                }
                let latencies = self.ways.iter().map(|(_, way)| way.profile.latency);
                self.min_latency = latencies.fold(self.default.latency, Duration::min);
            }
            LinkFault::Refuse { host, on } => {
                self.refusing.retain(|refusing| *refusing != host);
                self.refusing.extend(on.then_some(host));
            }
        }
        Vec::new()
    }

    fn release(&mut self, now: Duration, way: Direction) -> Vec<(Duration, Packet)> {
        let mut free = Vec::new();
        for direction in both(way) {
            let at = self.place(direction);
            let (_, way) = &mut self.ways[at];
            for packet in way.held.take().unwrap_or_default() {
                free.push((due(way, now, &mut self.rng), packet));
            }
        }
        free
    }

    fn name(&self, ip: IpAddr) -> Option<HostName> {
        self.names.iter().find(|(known, _)| *known == ip).map(|(_, name)| *name)
    }

    fn way(&mut self, direction: Direction) -> &mut Way {
        let at = self.place(direction);
        &mut self.ways[at].1
    }

    /// Where a direction is in the list; its first use puts it there.
    fn place(&mut self, direction: Direction) -> usize {
        let known = self.ways.iter().position(|(known, _)| *known == direction);
        known.unwrap_or_else(|| {
            let profile = self.default;
            self.ways.push((direction, Way { profile, ..Way::default() }));
            self.ways.len() - 1
        })
    }
}

fn due(way: &mut Way, now: Duration, rng: &mut ChaCha8Rng) -> Duration {
    let jitter_ms = way.profile.jitter.as_millis() as u64;
    let extra_ms = if jitter_ms == 0 { 0 } else { rng.random_range(0..=jitter_ms) };
    let due = now + way.profile.latency + Duration::from_millis(extra_ms);
    way.last_due = way.last_due.max(due);
    way.last_due
}

fn both(way: Direction) -> [Direction; 2] {
    [way, Direction { from: way.to, to: way.from }]
}

fn is_syn(packet: &Packet) -> bool {
    matches!(&packet.payload, Transport::Tcp(s) if s.flags.syn && !s.flags.ack)
}
