//! A packet capture for Wireshark: an interface per link, and on it the TCP connections as the end
//! of that link saw them.
//!
//! The log has events and no packets, so that the packets are rebuilt: one for each request, answer
//! and frame, none for retransmission and acknowledgement, and a handshake of three at the moment
//! when it was over. What was written and never arrived is in the capture of the end that wrote it
//! and not in the other's. Every packet says in a comment which event it is.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use etherparse::PacketBuilder;

use super::wire;
use holdline_net::WALL_AT_START;
use holdline_sim::trace::event::{End, Event, Kind, Lane};
use holdline_sim::world::PORT;

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const PROXY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const CLOUD: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 3);
/// The links, by the number of their interface.
const LINKS: [&str; 2] = ["client-proxy", "proxy-cloud"];
/// Ports of one tab.
const PORTS_A_TAB: u32 = 2_500;
/// The first port that a client connects from.
const PORTS_FROM: u32 = 20_000;
/// `LINKTYPE_RAW`: packets begin with their IP header.
const RAW: u16 = 101;
const TTL: u8 = 64;
const WINDOW: u16 = u16::MAX;

/// The whole log as a capture.
#[must_use]
pub fn pcapng(events: &[Event]) -> Vec<u8> {
    let mut file = section();
    file.extend(LINKS.iter().flat_map(|link| interface(link)));
    let mut conns: BTreeMap<(Lane, u32), Conn> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        let Some(number) = event.kind.conn() else { continue };
        let conn =
            conns.entry((event.lane, number)).or_insert_with(|| Conn::of(event.lane, number));
        for packet in conn.packets(&event.kind, event.lane) {
            let comment = format!("event {index}: {}", event.kind.name());
            file.extend(enhanced(conn.link, event, &packet, &comment));
        }
    }
    file
}

/// Who sends a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    /// Whoever connected.
    Caller,
    Called,
}

/// What a packet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flag {
    Syn,
    Data,
    Fin,
    Rst,
}

/// One TCP connection, as one end of it sees it.
struct Conn {
    link: u32,
    ends: [(Ipv4Addr, u16); 2],
    /// The next byte of the caller and of the called.
    next: [u32; 2],
    stands: bool,
}

impl Conn {
    fn of(lane: Lane, number: u32) -> Self {
        let tab = u32::from(lane.tab().unwrap_or(0));
        let port = (PORTS_FROM + tab * PORTS_A_TAB + number % PORTS_A_TAB) as u16;
        let (link, ends) = if lane.is_client() {
            (0, [(CLIENT, port), (PROXY, PORT)])
        } else {
            (1, [(PROXY, port), (CLOUD, PORT)])
        };
        Self { link, ends, next: [0, 0], stands: false }
    }

    /// The packets that an event of `lane` stands for.
    fn packets(&mut self, kind: &Kind, lane: Lane) -> Vec<Vec<u8>> {
        let here = if lane.is_client() { From::Caller } else { From::Called };
        let there = if lane.is_client() { From::Called } else { From::Caller };
        match kind {
            Kind::Connecting { .. } => vec![self.packet(From::Caller, Flag::Syn, &[])],
            Kind::Connected { .. } => self.established(),
            Kind::ConnectFailed { .. } => vec![self.packet(From::Called, Flag::Rst, &[])],
            Kind::Request { endpoint, message, .. } => {
                self.data(From::Caller, &wire::request(*endpoint, message.as_ref()))
            }
            Kind::Answer { status, retry_after, message, .. } => {
                let bytes = wire::answer(*status, retry_after.as_deref(), message.as_ref());
                self.data(From::Called, &bytes)
            }
            Kind::FrameOut { frame, .. } => {
                self.data(here, &wire::frame(frame, here == From::Caller))
            }
            Kind::FrameIn { frame, .. } => {
                self.data(there, &wire::frame(frame, there == From::Caller))
            }
            Kind::Ended { end, .. } => self.ended(*end, here, there),
            _ => Vec::new(),
        }
    }

    fn data(&mut self, from: From, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        if !self.stands {
            // The called end logs nothing before the first request.
            packets.push(self.packet(From::Caller, Flag::Syn, &[]));
            packets.extend(self.established());
        }
        packets.push(self.packet(from, Flag::Data, bytes));
        packets
    }

    fn established(&mut self) -> Vec<Vec<u8>> {
        self.stands = true;
        vec![self.packet(From::Called, Flag::Syn, &[]), self.packet(From::Caller, Flag::Data, &[])]
    }

    fn ended(&mut self, end: End, here: From, there: From) -> Vec<Vec<u8>> {
        match end {
            End::Fin => vec![self.packet(there, Flag::Fin, &[]), self.packet(here, Flag::Fin, &[])],
            End::Own => vec![self.packet(here, Flag::Fin, &[])],
            End::Rst => vec![self.packet(there, Flag::Rst, &[])],
            End::OwnRst | End::TimedOut => vec![self.packet(here, Flag::Rst, &[])],
        }
    }

    fn packet(&mut self, from: From, flag: Flag, payload: &[u8]) -> Vec<u8> {
        let (own, other) = if from == From::Caller { (0, 1) } else { (1, 0) };
        let ((source, source_port), (target, target_port)) = (self.ends[own], self.ends[other]);
        let tcp = PacketBuilder::ipv4(source.octets(), target.octets(), TTL).tcp(
            source_port,
            target_port,
            self.next[own],
            WINDOW,
        );
        // The first SYN is the only packet that acknowledges nothing.
        let first = flag == Flag::Syn && from == From::Caller;
        let tcp = if first { tcp } else { tcp.ack(self.next[other]) };
        let tcp = match flag {
            Flag::Syn => tcp.syn(),
            Flag::Fin => tcp.fin(),
            Flag::Rst => tcp.rst(),
            Flag::Data if payload.is_empty() => tcp,
            Flag::Data => tcp.psh(),
        };
        let mut packet = Vec::with_capacity(tcp.size(payload.len()));
        tcp.write(&mut packet, payload).expect("what the log names is short, and a Vec takes it");
        let counts = u32::from(matches!(flag, Flag::Syn | Flag::Fin));
        self.next[own] = self.next[own].wrapping_add(payload.len() as u32 + counts);
        packet
    }
}

/// The first block of the file (draft-ietf-opsawg-pcapng, 4.1).
fn section() -> Vec<u8> {
    let mut body = 0x1A2B_3C4D_u32.to_le_bytes().to_vec();
    body.extend(1_u16.to_le_bytes());
    body.extend(0_u16.to_le_bytes());
    body.extend((-1_i64).to_le_bytes());
    block(0x0A0D_0D0A, &body)
}

/// 4.2: a link; its times are in microseconds.
fn interface(name: &str) -> Vec<u8> {
    let mut body = u32::from(RAW).to_le_bytes().to_vec();
    body.extend(0_u32.to_le_bytes());
    body.extend(option(2, name.as_bytes()));
    body.extend(option(0, &[]));
    block(1, &body)
}

/// 4.3: a packet.
fn enhanced(link: u32, event: &Event, packet: &[u8], comment: &str) -> Vec<u8> {
    let at = (WALL_AT_START + event.at).as_micros() as u64;
    let length = packet.len() as u32;
    let mut body = Vec::new();
    for number in [link, (at >> 32) as u32, at as u32, length, length] {
        body.extend(number.to_le_bytes());
    }
    body.extend(padded(packet));
    body.extend(option(1, comment.as_bytes()));
    body.extend(option(0, &[]));
    block(6, &body)
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = code.to_le_bytes().to_vec();
    option.extend((value.len() as u16).to_le_bytes());
    option.extend(padded(value));
    option
}

/// With its length on both ends.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

/// Up to the next multiple of four bytes.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.resize(bytes.len().next_multiple_of(4), 0);
    padded
}
