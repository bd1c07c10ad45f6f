//! Packets in flight: out of the kernels, through the links, into the kernels, in order of time.
//!
//! turmoil-net counts retransmission in egress passes, not in time, so while something is
//! unacknowledged a pass is made at least once every [`Fabric::beat`]; [`Fabric::catch_up`] makes
//! the passes of a jump, unless all that is under way is sure to arrive: then there is nothing to count.
//! A jump ends within the shortest link of the first pass that may repeat or give up anything, so that
//! nothing a pass repeats can be due before the jump ends. [`Retransmissions`] knows which one that is.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use turmoil_net::{EnterGuard, HostId, NetstatState, Packet, Proto, Transport};

use super::links::{Fate, LinkFault, Links};
use super::reack::{Reack, reset_of, reset_of_handshake};
use super::retransmit::Retransmissions;
use super::syscalls::Syscalls;

const MS: Duration = Duration::from_millis(1);
/// The longest beat; see [`Fabric::beat`].
const BEAT_MAX: Duration = Duration::from_millis(10);

/// A kernel gives a connection up after 15 s; half a handshake is ended well before.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

struct InFlight {
    due: Duration,
    sequence: u64,
    packet: Packet,
}

impl PartialEq for InFlight {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}
impl Eq for InFlight {}
impl PartialOrd for InFlight {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for InFlight {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.sequence).cmp(&(other.due, other.sequence))
    }
}

/// A host's kernel. One that was settled, and since then got neither a call nor a packet, still is.
struct Kernel {
    ip: IpAddr,
    touched: bool,
}

/// The wire of one simulation.
pub(super) struct Fabric {
    guard: Option<EnterGuard>,
    pub(super) links: Links,
    reack: Reack,
    /// When to look whether a handshake has been left half done, and what would end it.
    handshakes: VecDeque<(Duration, Packet)>,
    flying: BinaryHeap<Reverse<InFlight>>,
    sequence: u64,
    egress: Vec<Packet>,
    hosts: Vec<Kernel>,
    syscalls: Syscalls,
    last_pass: Duration,
    retransmissions: Retransmissions,
    unsettled: bool,
    /// Something was lost or held since the network last rested.
    doubtful: bool,
    /// Some kernel got a call or a packet since the last look.
    moved: bool,
    beat: Duration,
}

impl Fabric {
    /// The time between two passes when nothing else happens: as long as the shortest link, and
    /// 10 ms at most. A pass a millisecond would be most of the cost of a run.
    pub(super) fn beat(latency: Duration) -> Duration {
        latency.clamp(MS, BEAT_MAX)
    }

    /// A network whose kernels repeat after `rto_passes` without an answer.
    pub(super) fn new(guard: EnterGuard, links: Links, rto_passes: u32) -> Self {
        let beat = Self::beat(links.min_latency());
        Self {
            guard: Some(guard),
            links,
            reack: Reack::default(),
            handshakes: VecDeque::new(),
            flying: BinaryHeap::new(),
            sequence: 0,
            egress: Vec::with_capacity(64),
            hosts: Vec::new(),
            syscalls: Syscalls::default(),
            last_pass: Duration::ZERO,
            retransmissions: Retransmissions::new(rto_passes),
            unsettled: false,
            doubtful: false,
            moved: true,
            beat,
        }
    }

    pub(super) fn add_host(&mut self, name: super::HostName, ip: IpAddr) {
        self.links.add_host(name, ip);
        self.hosts.push(Kernel { ip, touched: true });
    }

    pub(super) fn syscalls(&self) -> Syscalls {
        self.syscalls.clone()
    }

    /// Makes the passes of the time that was skipped, and delivers what is due. True when anything
    /// was delivered, so that hosts may have something to do.
    pub(super) fn catch_up(&mut self, now: Duration) -> bool {
        if self.all_arrives() {
            self.last_pass = now;
        }
        while self.unsettled && self.last_pass + self.beat <= now {
            self.pass(self.last_pass + self.beat);
        }
        let mut delivered = false;
        while self.flying.peek().is_some_and(|Reverse(next)| next.due <= now) {
            let Reverse(InFlight { mut packet, .. }) = self.flying.pop().expect("just peeked");
            delivered = true;
            let answer = self.reack.on_deliver(&mut packet);
            self.end_handshake_before(&packet);
            self.deliver(packet);
            if let Some(answer) = answer {
                self.route(now, answer);
            }
        }
        delivered
    }

    /// Whether what nobody has acknowledged yet is in the air, or the acknowledgement is: most of the time.
    /// When neither is, somebody has kept quiet for longer than the way there and back takes.
    fn all_arrives(&self) -> bool {
        !self.doubtful && !self.flying.is_empty()
    }

    /// A pass after programs ran. While the network rests and nobody has touched a kernel there
    /// would be nothing to send and nothing to count.
    pub(super) fn pass_if_moved(&mut self, now: Duration) {
        if self.moved || self.unsettled {
            self.pass(now);
        }
    }

    /// Takes what the kernels want to send now, and puts it on the links.
    pub(super) fn pass(&mut self, now: Duration) {
        self.last_pass = now;
        self.carry_out_aborts(now);
        self.end_stale_handshakes(now);
        let mut egress = std::mem::take(&mut self.egress);
        self.guard().egress_all(&mut egress);
        self.retransmissions.on_pass(!egress.is_empty());
        for packet in egress.drain(..) {
            self.retransmissions.on_egress(&packet);
            self.reack.on_egress(&packet);
            if let Some(reset) = reset_of_handshake(&packet) {
                self.handshakes.push_back((now + HANDSHAKE_WITHIN, reset));
            }
            self.route(now, packet);
        }
        self.egress = egress;
    }

    /// Whether anything was under way at the last look.
    pub(super) fn is_under_way(&self) -> bool {
        self.unsettled
    }

    /// When to look again, if anything is under way.
    pub(super) fn next_look(&mut self, now: Duration) -> Option<Duration> {
        let due = self.flying.peek().map(|Reverse(next)| next.due);
        let was_settled = !self.unsettled;
        self.unsettled = due.is_some() || self.any_unsettled();
        self.doubtful &= self.unsettled;
        self.moved = false;
        if was_settled {
            // Nothing was counted while nothing was under way.
            self.last_pass = now;
        }
        if !self.unsettled {
            return None;
        }
        // No pass is made before the next arrival, nor has one an effect.
        if let Some(due) = due.filter(|_| self.all_arrives()) {
            return Some(due.max(now + MS));
        }
        // Timers go by whole milliseconds.
        let stride_ms = self.links.min_latency().as_micros().div_ceil(1_000).max(1);
        let quiet_ms = self.quiet_until().saturating_sub(now).as_micros().div_ceil(1_000);
        let strides = u32::try_from(quiet_ms.div_ceil(stride_ms).max(1)).unwrap_or(1);
        let look = now + MS * strides * u32::try_from(stride_ms).unwrap_or(1);
        Some(due.map_or(look, |due| due.min(look)).max(now + MS))
    }

    /// When the next pass is made that may have an effect, if nobody touches a kernel before.
    fn quiet_until(&self) -> Duration {
        let repeats = self.last_pass + self.beat * self.retransmissions.until_effect();
        let stale = self.handshakes.front().map(|(due, _)| *due);
        stale.map_or(repeats, |due| repeats.min(due))
    }

    /// Looks into the kernels that can have changed since they were last found settled.
    fn any_unsettled(&mut self) -> bool {
        for kernel in self.hosts.iter_mut().filter(|kernel| kernel.touched) {
            kernel.touched = is_unsettled(kernel.ip);
        }
        self.hosts.iter().any(|kernel| kernel.touched)
    }

    fn deliver(&mut self, packet: Packet) {
        self.retransmissions.on_deliver(&packet);
        self.touch(packet.dst);
        self.guard().deliver(packet);
    }

    fn touch(&mut self, ip: IpAddr) {
        self.moved = true;
        self.retransmissions.on_touch();
        for kernel in self.hosts.iter_mut().filter(|kernel| kernel.ip == ip) {
            kernel.touched = true;
        }
    }

    pub(super) fn apply(&mut self, now: Duration, fault: &LinkFault) {
        self.doubtful = true;
        for (due, packet) in self.links.apply(now, fault) {
            self.fly(due, packet);
        }
    }

    /// Runs `f` with the kernel that sockets belong to set to `host`.
    pub(super) fn as_host<R>(&mut self, host: (HostId, IpAddr), f: impl FnOnce() -> R) -> R {
        let (id, ip) = host;
        self.guard().set_current(id);
        let result = f();
        if self.syscalls.take() {
            self.touch(ip);
        }
        result
    }

    /// The host's process has died: what its kernel has to say goes out once, and then it knows of
    /// no connection any more. Sockets that lingered on would keep the next process from its port.
    pub(super) fn forget_connections(&mut self, now: Duration, host: IpAddr) {
        self.doubtful = true;
        self.pass(now);
        for entry in turmoil_net::netstat(host).entries {
            if let Some(peer) = entry.peer.filter(|_| entry.proto == Proto::Tcp) {
                self.deliver(reset_of(peer, entry.local));
            }
        }
        self.pass(now);
    }

    /// Leaves the network; no socket may be alive.
    pub(super) fn leave(&mut self) {
        self.guard = None;
    }

    fn guard(&self) -> &EnterGuard {
        self.guard.as_ref().expect("the network lives as long as its hosts")
    }

    /// A reset tears down the own end at once and travels to the other end like any packet.
    fn carry_out_aborts(&mut self, now: Duration) {
        for (own, other) in self.syscalls.take_aborts() {
            self.deliver(reset_of(other, own));
            let reset = reset_of(own, other);
            self.reack.on_egress(&reset);
            self.route(now, reset);
        }
    }

    /// A handshake whose answer never arrived is ended before the kernel gives it up: see
    /// [`Reack::handshake_before`].
    fn end_stale_handshakes(&mut self, now: Duration) {
        while self.handshakes.front().is_some_and(|(due, _)| *due <= now) {
            let (_, reset) = self.handshakes.pop_front().expect("just looked at");
            if is_half_open(&reset) {
                self.end_handshake_before(&reset);
                self.deliver(reset);
            }
        }
    }

    fn end_handshake_before(&mut self, packet: &Packet) {
        if let Some(last_step) = self.reack.handshake_before(packet)
            && is_half_open(packet)
        {
            self.deliver(last_step);
        }
    }

    fn route(&mut self, now: Duration, packet: Packet) {
        match self.links.judge(now, packet) {
            Fate::At(due, packet) => self.fly(due, packet),
            Fate::Lost | Fate::Held => self.doubtful = true,
        }
    }

    fn fly(&mut self, due: Duration, packet: Packet) {
        self.sequence += 1;
        self.flying.push(Reverse(InFlight { due, sequence: self.sequence, packet }));
    }
}

/// Whether the receiver of a packet waits for the last step of this very handshake.
fn is_half_open(packet: &Packet) -> bool {
    let Transport::Tcp(segment) = &packet.payload else { return false };
    let from = SocketAddr::new(packet.src, segment.src_port);
    let to = SocketAddr::new(packet.dst, segment.dst_port);
    turmoil_net::netstat(packet.dst).entries.iter().any(|entry| {
        let waits = entry.state == Some(NetstatState::SynReceived);
        waits && entry.local == to && entry.peer == Some(from)
    })
}

/// Whether a host has something that an egress pass could repeat or give up.
fn is_unsettled(host: IpAddr) -> bool {
    turmoil_net::netstat(host).entries.iter().any(|entry| {
        entry.proto == Proto::Tcp
            && match entry.state {
                Some(NetstatState::Established | NetstatState::CloseWait) => entry.send_q > 0,
                None
                | Some(NetstatState::Listen | NetstatState::FinWait2 | NetstatState::Closed) => {
                    false
                }
                Some(_) => true,
            }
    })
}
