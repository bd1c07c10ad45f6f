//! The two links, as two TCP kernels see them: late, held, cut, lossy.
//!
//! What is lost is repeated, and comes later; what cannot get through for 15 s ends its connection, as
//! a kernel does in this network. A reset is said once and never repeated.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::conn::Packet;
use super::{Due, World};
use holdline_net::LinkProfile;

/// A kernel gives a connection up after this.
const GIVE_UP: Duration = Duration::from_secs(15);
/// Passes over the sender's queue until a segment is repeated, and the longest time between two.
const PASSES: u32 = 40;
const BEAT_MAX: Duration = Duration::from_millis(10);
/// Keeps jitter and loss apart from the ids of client and cloud.
const SEED_OF_LINKS: u64 = 0x0011_4e7e;

/// Draws jitter and loss; made when it is first needed, because most links have neither.
#[derive(Debug)]
pub(super) struct Dice {
    seed: u64,
    rng: Option<ChaCha8Rng>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, rng: None }
    }

    fn below(&mut self, end: u64) -> u64 {
        let seed = self.seed ^ SEED_OF_LINKS;
        self.rng.get_or_insert_with(|| ChaCha8Rng::seed_from_u64(seed)).random_range(0..end)
    }
}

/// One link.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) profile: LinkProfile,
    /// Downwards and upwards.
    pub(super) cut: [bool; 2],
    pub(super) hold: bool,
    held: Vec<(usize, bool, Packet)>,
}

impl Link {
    pub(super) fn new(profile: LinkProfile) -> Self {
        Self { profile, cut: [false; 2], hold: false, held: Vec::new() }
    }

    fn repeats_after(&self) -> Duration {
        let beat = self.profile.latency.clamp(Duration::from_millis(1), BEAT_MAX);
        (beat * PASSES).max(self.profile.latency * 4)
    }
}

impl World {
    /// Sends a packet over a leg.
    pub(super) fn send(&mut self, conn: usize, leg: usize, up: bool, packet: Packet) {
        let reliable = !matches!(packet, Packet::Rst);
        let link = &mut self.links[leg];
        let way = &mut self.conns[conn].ways[leg][usize::from(up)];
        if link.hold {
            link.held.push((conn, up, packet));
            if reliable {
                self.watch(conn, leg, up);
            }
            return;
        }
        let [down_cut, up_cut] = link.cut;
        let (there, back) = if up { (up_cut, down_cut) } else { (down_cut, up_cut) };
        if there || !way.stuck.is_empty() {
            if reliable {
                way.stuck.push(packet);
                self.watch(conn, leg, up);
            }
            return;
        }
        let repeats_after = link.repeats_after();
        let loss = u64::from(link.profile.loss_ppm);
        let mut late = Duration::ZERO;
        while loss > 0 && late < GIVE_UP && self.dice.below(1_000_000) < loss {
            if !reliable {
                return;
            }
            late += repeats_after;
        }
        self.travel(conn, leg, up, late, packet);
        if reliable && back {
            self.watch(conn, leg, up);
        }
    }

    fn travel(&mut self, conn: usize, leg: usize, up: bool, late: Duration, packet: Packet) {
        let LinkProfile { latency, jitter, .. } = self.links[leg].profile;
        let jitter_us = jitter.as_micros() as u64;
        let jitter = if jitter_us == 0 { 0 } else { self.dice.below(jitter_us + 1) };
        let way = &mut self.conns[conn].ways[leg][usize::from(up)];
        let at = self.now + late + latency + Duration::from_micros(jitter);
        let at = at.max(way.last_arrival);
        way.last_arrival = at;
        self.push(at, Due::Arrive { conn, leg, up, packet });
    }

    /// Something is not acknowledged: it is repeated from now on.
    fn watch(&mut self, conn: usize, leg: usize, up: bool) {
        let way = &mut self.conns[conn].ways[leg][usize::from(up)];
        if way.since.is_none() {
            way.since = Some(self.now);
            let at = self.now + self.links[leg].repeats_after();
            self.push(at, Due::Retry { conn, leg, up });
        }
    }

    pub(super) fn retry(&mut self, conn: usize, leg: usize, up: bool) {
        let link = &self.links[leg];
        let [down_cut, up_cut] = link.cut;
        let (there, back) = if up { (up_cut, down_cut) } else { (down_cut, up_cut) };
        let (hold, again) = (link.hold, self.now + link.repeats_after());
        let way = &mut self.conns[conn].ways[leg][usize::from(up)];
        let Some(since) = way.since else { return };
        let free = !hold && !there;
        let stuck = if free { std::mem::take(&mut way.stuck) } else { Vec::new() };
        if free && !back {
            way.since = None;
        } else if self.now >= since + GIVE_UP {
            way.since = None;
            way.stuck.clear();
            return self.gave_up(conn, leg, up);
        } else {
            self.push(again, Due::Retry { conn, leg, up });
        }
        for packet in stuck {
            self.send(conn, leg, up, packet);
        }
    }

    /// The kernel of the sending end gives the connection up.
    fn gave_up(&mut self, conn: usize, leg: usize, up: bool) {
        match (leg, up) {
            (0, true) => self.push(self.now, Due::ClientLost { conn }),
            (1, false) => self.cloud_lost(conn, crate::trace::End::TimedOut),
            _ => self.proxy_breaks(conn),
        }
    }

    /// What was held goes on its way.
    pub(super) fn release(&mut self, leg: usize) {
        self.links[leg].hold = false;
        for (conn, up, packet) in std::mem::take(&mut self.links[leg].held) {
            self.travel(conn, leg, up, Duration::ZERO, packet);
        }
    }
}
