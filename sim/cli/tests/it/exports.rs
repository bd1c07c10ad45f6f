//! The log for other tools, read as those tools read it.

use std::time::Duration;

use etherparse::{NetSlice, SlicedPacket, TransportSlice};
use holdline_cli::export::{pcapng, perfetto};
use holdline_net::WALL_AT_START;
use holdline_sim::plan::{Plan, bundled};
use holdline_sim::subjects::holdline::Holdline;
use holdline_sim::trace::state::{Machines, Stage, states_at};
use holdline_sim::trace::{Event, Kind, Lane, Message};
use holdline_sim::world::run::{BackendKind, run};
use serde_json::Value;

fn log_of(scenario: &str) -> Vec<Event> {
    let plan: Plan = bundled::scenario(scenario).unwrap().unwrap();
    run(&plan, &Holdline, BackendKind::Event).unwrap().events
}

/// A block of a capture: its kind and its body.
fn blocks(mut file: &[u8]) -> Vec<(u32, &[u8])> {
    let mut blocks = Vec::new();
    while !file.is_empty() {
        let length = number(file, 4) as usize;
        assert_eq!(length % 4, 0);
        assert_eq!(number(file, length - 4) as usize, length, "both ends say the length");
        blocks.push((number(file, 0), &file[8..length - 4]));
        file = &file[length..];
    }
    blocks
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

#[test]
fn a_capture_has_an_interface_per_link_and_packets_in_order_of_time() {
    let events = log_of("tabs-leader-crashes");
    let file = pcapng(&events);
    let blocks = blocks(&file);
    assert_eq!(blocks[0].0, 0x0A0D_0D0A);
    let interfaces: Vec<_> = blocks.iter().filter(|(kind, _)| *kind == 1).collect();
    assert_eq!(interfaces.len(), 2);
    assert!(interfaces[0].1.windows(12).any(|name| name == b"client-proxy"));
    assert!(interfaces[1].1.windows(11).any(|name| name == b"proxy-cloud"));

    let packets: Vec<_> = blocks.iter().filter(|(kind, _)| *kind == 6).collect();
    let at = |body: &[u8]| u64::from(number(body, 4)) << 32 | u64::from(number(body, 8));
    assert!(packets.is_sorted_by_key(|(_, body)| at(body)));
    let opened = events.iter().find(|event| event.kind.conn().is_some()).unwrap();
    assert_eq!(Duration::from_micros(at(packets[0].1)), WALL_AT_START + opened.at);
    let with_conn = events.iter().filter(|event| event.kind.conn().is_some()).count();
    assert!(packets.len() >= with_conn, "{} packets of {with_conn} events", packets.len());
}

#[test]
fn every_packet_is_tcp_with_a_right_checksum_and_bytes_that_follow_one_another() {
    let file = pcapng(&log_of("restart-1006"));
    let mut next = std::collections::BTreeMap::new();
    let (mut requests, mut upgrades) = (0, 0);
    for (_, body) in blocks(&file).into_iter().filter(|(kind, _)| *kind == 6) {
        let bytes = &body[20..20 + number(body, 12) as usize];
        let packet = SlicedPacket::from_ip(bytes).unwrap();
        let Some(NetSlice::Ipv4(ip)) = &packet.net else { panic!("{packet:?}") };
        let Some(TransportSlice::Tcp(tcp)) = &packet.transport else { panic!("{packet:?}") };
        let sum = tcp.calc_checksum_ipv4(ip.header().source(), ip.header().destination());
        assert_eq!(sum.unwrap(), tcp.checksum());
        let flow =
            (number(body, 0), ip.header().source(), tcp.source_port(), tcp.destination_port());
        let due = next.insert(flow, {
            let counts = u32::from(tcp.syn() || tcp.fin());
            tcp.sequence_number() + tcp.payload().len() as u32 + counts
        });
        assert_eq!(tcp.sequence_number(), due.unwrap_or(0));
        requests += u32::from(tcp.payload().starts_with(b"POST /api/v2/webchat/guests "));
        upgrades += u32::from(tcp.payload().starts_with(b"HTTP/1.1 101 "));
    }
    assert!(requests >= 2 && upgrades >= 4, "{requests} requests and {upgrades} upgrades");
}

#[test]
fn a_trace_has_a_track_per_lane_and_nothing_that_ends_before_it_begins() {
    let events = log_of("tabs-leader-crashes");
    let trace: Value = serde_json::from_str(&perfetto("A title", &events)).unwrap();
    assert_eq!(trace["otherData"]["title"], "A title");
    let trace = trace["traceEvents"].as_array().unwrap();
    let named = |name: &str| {
        let of = |event: &&Value| event["name"] == "process_name" && event["args"]["name"] == name;
        trace.iter().find(of).unwrap_or_else(|| panic!("no track for {name}"))["pid"].clone()
    };
    let (a, b) = (named("tab A"), named("tab B"));
    assert_ne!(a, b);
    let bars: Vec<&Value> = trace.iter().filter(|event| event["ph"] == "X").collect();
    assert!(bars.iter().all(|bar| bar["dur"].is_u64() && bar["ts"].is_u64()));
    for sort in ["connections", "leads"] {
        assert!(bars.iter().any(|bar| bar["cat"] == sort && bar["pid"] == a), "{sort}");
    }
    let sockets = bars.iter().filter(|bar| bar["cat"] == "sockets").count();
    let opened = events.iter().filter(|event| matches!(event.kind, Kind::SocketOpened { .. }));
    assert_eq!(sockets, opened.count());
    // Two bars of one track are one after the other, or one within the other.
    for (n, one) in bars.iter().enumerate() {
        for other in &bars[n + 1..] {
            let place = |bar: &Value| (bar["pid"].clone(), bar["tid"].clone());
            let span = |bar: &Value| {
                let ts = bar["ts"].as_u64().unwrap();
                (ts, ts + bar["dur"].as_u64().unwrap())
            };
            let ((from, to), (start, stop)) = (span(one), span(other));
            assert!(place(one) != place(other) || to <= start || stop <= from, "{one}\n{other}");
        }
    }
}

#[test]
fn the_machines_are_what_the_log_says() {
    let events = log_of("tabs-leader-crashes");
    let crash = events.iter().position(|event| {
        event.lane == Lane::Tab(0)
            && event.kind.name() == "life"
            && event.at >= Duration::from_secs(5)
    });
    let crash = crash.unwrap();
    let before = states_at(&events, crash - 1);
    let leader = &before.clients[&Lane::Tab(0)];
    assert!(leader.tab.unwrap().epoch.is_some(), "{before:?}");
    assert!(leader.connections.values().any(|stage| *stage == Stage::Socket), "{before:?}");
    let after = states_at(&events, crash);
    let gone = &after.clients[&Lane::Tab(0)];
    assert!(gone.connections.is_empty() && gone.tab.unwrap().epoch.is_none(), "{after:?}");

    let end = states_at(&events, usize::MAX);
    assert!(end.net.quiet && end.cloud.sockets.is_empty(), "{end:?}");
    assert_eq!(end.clients[&Lane::Tab(1)].shown, 2, "{end:?}");
    let mut machines = Machines::default();
    for (n, event) in events.iter().enumerate() {
        machines.on(event);
        assert_eq!(machines.states(), &states_at(&events, n));
    }
}

#[test]
fn names_of_messages_are_written_as_they_are_read() {
    for name in ["m1", "m4294967295", "a12", "5f3a9c01", "m01", "m", "a+1", "", "über"] {
        assert_eq!(Message::from(name).to_string(), name);
    }
    assert_eq!(Message::from("m3"), Message::Typed(3));
    assert_eq!(Message::from("a3"), Message::Said(3));
    // Of an id that nobody typed the beginning is shown, and never half of a letter.
    assert_eq!(Message::from("5f3a9c01-77aa").to_string(), "5f3a9c01");
    assert_eq!(Message::from("1234567ü").to_string(), "1234567");
}
