//! Which egress pass may be the next to repeat something, or to give it up.
//!
//! turmoil-net counts, for each connection that waits for an answer, the passes since the last one, and
//! acts at a threshold (`kernel/tcp.rs`, `check_retx`). A count begins with a call, a packet or a
//! repetition, so a pass that lies a threshold behind none of them has no effect, and time can jump
//! over it. Only what a handshake has counted is carried on: the first wait of a connection may end
//! earlier by so much.

use std::collections::{BTreeMap, VecDeque};

use turmoil_net::{Packet, Transport};

use super::reack::Flow;

/// The passes of one network.
#[derive(Debug)]
pub(super) struct Retransmissions {
    threshold: u64,
    made: u64,
    /// Counts may begin with the next pass.
    touched: bool,
    /// The passes in which a count may end, each from its first to its last.
    ends: VecDeque<(u64, u64)>,
    /// The handshakes under way, with the pass of their own last step.
    handshakes: BTreeMap<Flow, u64>,
    /// The most that a handshake has counted.
    carried: u64,
}

impl Retransmissions {
    pub(super) fn new(threshold: u32) -> Self {
        Self {
            threshold: threshold.into(),
            made: 0,
            touched: true,
            ends: VecDeque::new(),
            handshakes: BTreeMap::new(),
            carried: 0,
        }
    }

    /// A kernel got a call or a packet.
    pub(super) const fn on_touch(&mut self) {
        self.touched = true;
    }

    /// A packet leaves its host in the pass that is being made.
    pub(super) fn on_egress(&mut self, packet: &Packet) {
        let Transport::Tcp(segment) = &packet.payload else { return };
        if segment.flags.syn {
            self.handshakes.insert(Flow::of(packet, segment), self.made);
        }
    }

    /// A packet reaches its host, and answers the handshake that may be under way there.
    pub(super) fn on_deliver(&mut self, packet: &Packet) {
        let Transport::Tcp(segment) = &packet.payload else { return };
        if let Some(since) = self.handshakes.remove(&Flow::of(packet, segment).back()) {
            // The pass that took the step away has counted, too.
            let counted = self.made - since + 1;
            self.carried = self.carried.max(counted).min(self.threshold - 1);
        }
    }

    /// A pass is made, and perhaps something is sent in it.
    pub(super) fn on_pass(&mut self, sends: bool) {
        self.made += 1;
        while self.ends.front().is_some_and(|(_, last)| *last <= self.made) {
            self.ends.pop_front();
        }
        let end = self.made + self.threshold;
        if std::mem::take(&mut self.touched) {
            self.may_end(end - 1 - self.carried, end - 1);
        }
        if sends {
            self.may_end(end, end);
        }
    }

    fn may_end(&mut self, mut first: u64, last: u64) {
        while let Some((earlier, _)) = self.ends.back().filter(|(_, until)| *until + 1 >= first) {
            first = first.min(*earlier);
            self.ends.pop_back();
        }
        self.ends.push_back((first, last));
    }

    /// How many passes there are to the next that may have an effect, itself included.
    pub(super) fn until_effect(&self) -> u32 {
        let next = self.made + 1;
        let end = self.ends.front().map_or(self.made + self.threshold, |(first, _)| *first);
        let end = if self.touched { next } else { end.max(next) };
        u32::try_from(end - self.made).unwrap_or(1)
    }
}
