//! What a real TCP answers and turmoil-net's receiver does not.
//!
//! turmoil-net 0.1.0 drops a segment that does not begin exactly at `rcv_nxt`, without a word
//! (`kernel/tcp.rs`, `handle_established`). A real receiver acknowledges a segment it already has
//! (RFC 9293, 3.10.7.4) and keeps the new part of one that overlaps. Without that, one lost ACK on a
//! one-way stream ends the connection: the sender repeats itself until it gives up. This file
//! watches the acknowledgements that leave each host and supplies the two missing answers, and the
//! end of a handshake where a reset would leave half of it behind. It changes nothing else.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use turmoil_net::{Packet, TcpFlags, TcpSegment, Transport};

/// One direction of one connection. The ports come first: they tell two apart, where the hosts are few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Flow {
    ports: (u16, u16),
    hosts: (IpAddr, IpAddr),
}

impl Flow {
    /// The direction in which a segment travels.
    pub(super) const fn of(packet: &Packet, segment: &TcpSegment) -> Self {
        let ports = (segment.src_port, segment.dst_port);
        Self { ports, hosts: (packet.src, packet.dst) }
    }

    /// The other direction of the same connection.
    pub(super) const fn back(self) -> Self {
        let ports = (self.ports.1, self.ports.0);
        Self { ports, hosts: (self.hosts.1, self.hosts.0) }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sent {
    seq: u32,
    ack: u32,
    window: u16,
}

/// What every endpoint has acknowledged so far.
#[derive(Debug, Default)]
pub(super) struct Reack {
    sent: BTreeMap<Flow, Sent>,
}

impl Reack {
    /// Notes a packet that leaves its host.
    pub(super) fn on_egress(&mut self, packet: &Packet) {
        let Transport::Tcp(segment) = &packet.payload else { return };
        let flow = Flow::of(packet, segment);
        if segment.flags.rst || (segment.flags.syn && !segment.flags.ack) {
            self.sent.remove(&flow);
        } else if segment.flags.ack {
            let seq = segment.seq.wrapping_add(length(segment));
            let sent = Sent { seq, ack: segment.ack, window: segment.window };
            self.sent.insert(flow, sent);
        }
    }

    /// Looks at a packet about to be delivered: trims what the receiver has already, and answers
    /// with the acknowledgement that a real receiver would send.
    pub(super) fn on_deliver(&self, packet: &mut Packet) -> Option<Packet> {
        let Transport::Tcp(segment) = &packet.payload else { return None };
        let back = Flow::of(packet, segment).back();
        let Transport::Tcp(segment) = &mut packet.payload else { return None };
        let len = length(segment);
        if len == 0 || segment.flags.rst || (segment.flags.syn && !segment.flags.ack) {
            return None;
        }
        let answered = self.sent.get(&back)?;
        let known = answered.ack.wrapping_sub(segment.seq);
        // Anything above half the sequence space means that `seq` lies ahead: not ours to judge.
        if known == 0 || known > u32::MAX / 2 {
            return None;
        }
        if known < len {
            let keep_from = (known as usize).min(segment.payload.len());
            segment.payload = segment.payload.slice(keep_from..);
            segment.seq = answered.ack;
            return None;
        }
        let flags = TcpFlags { ack: true, ..TcpFlags::default() };
        Some(packet_of(back, answered.seq, answered.ack, flags, answered.window))
    }

    /// The last step of the handshake, for a RST that arrives before it: `Some` when the receiver
    /// has answered a SYN and may still wait for that step.
    ///
    /// turmoil-net never frees a connection that is reset while nobody has accepted it, and with it
    /// the listener's port. Completed first, it is accepted, found dead and closed.
    pub(super) fn handshake_before(&mut self, reset: &Packet) -> Option<Packet> {
        let Transport::Tcp(segment) = &reset.payload else { return None };
        if !segment.flags.rst {
            return None;
        }
        let flow = Flow::of(reset, segment);
        let answered = self.sent.remove(&flow.back())?;
        let flags = TcpFlags { ack: true, ..TcpFlags::default() };
        Some(packet_of(flow, answered.ack, answered.seq, flags, answered.window))
    }
}

/// The RST that answers a SYN nobody listens for.
pub(super) fn refusal_of(syn: &Packet) -> Packet {
    let Transport::Tcp(segment) = &syn.payload else {
        unreachable!("only a SYN can be refused");
    };
    let flags = TcpFlags { rst: true, ack: true, ..TcpFlags::default() };
    packet_of(Flow::of(syn, segment).back(), 0, segment.seq.wrapping_add(1), flags, 0)
}

/// For the second step of a handshake: the RST that would end it where it was sent from.
pub(super) fn reset_of_handshake(packet: &Packet) -> Option<Packet> {
    let Transport::Tcp(segment) = &packet.payload else { return None };
    let flow = Flow::of(packet, segment);
    (segment.flags.syn && segment.flags.ack).then(|| reset_on(flow.back()))
}

/// A RST from one end of an established connection to the other.
pub(super) fn reset_of(from: SocketAddr, to: SocketAddr) -> Packet {
    reset_on(Flow { ports: (from.port(), to.port()), hosts: (from.ip(), to.ip()) })
}

fn reset_on(flow: Flow) -> Packet {
    packet_of(flow, 0, 0, TcpFlags { rst: true, ..TcpFlags::default() }, 0)
}

fn packet_of(flow: Flow, seq: u32, ack: u32, flags: TcpFlags, window: u16) -> Packet {
    let ((src_port, dst_port), (src, dst)) = (flow.ports, flow.hosts);
    let payload = Bytes::new();
    let segment = TcpSegment { src_port, dst_port, seq, ack, flags, window, payload };
    Packet { src, dst, ttl: 64, payload: Transport::Tcp(segment) }
}

/// Sequence numbers that a segment takes up.
fn length(segment: &TcpSegment) -> u32 {
    segment.payload.len() as u32 + u32::from(segment.flags.syn) + u32::from(segment.flags.fin)
}
