//! The mock beside a bare actix-web handler and socket that do nothing but answer, and beside one that
//! does the least that a cloud can do: requests and acknowledgements a second, bytes per idle socket,
//! what the mock takes in memory after a million requests, and how long its process takes to the first
//! answer. Each runs in a process of its own, in the same minutes on the same machine.
//!
//! `cargo bench -p holdline-mock-server`; `HOLDLINE_BENCH_SOCKETS` says how many idle sockets are
//! held (10,000), `HOLDLINE_BENCH_REQUESTS` how many requests the last figure is after (1,000,000).
//!
//! `cargo bench -p holdline-mock-server -- soak` is clients that come and go for an hour on the
//! mock's clock (`HOLDLINE_BENCH_MINUTES`), a minute of ours, and what the mock takes meanwhile.
#![expect(clippy::disallowed_methods, reason = "a bench reads the wall clock")]
#![expect(clippy::cast_precision_loss, reason = "the figures are for people")]

mod servers;
mod soak;
mod wire;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use servers::{Role, Server};
use wire::{Guest, OAUTH, connect, guest, message, open_socket, read_answer, request};

/// The allocator of the `holdline` command, for both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Short rounds, one of each server after the other, so that what else the machine does meets both alike.
const REQUESTS: usize = 2_000;
const ROUNDS: usize = 51;
const TENANTS: usize = 1_000;

/// So many requests, and the last answer.
fn send_messages(address: SocketAddr, guest: &Guest, series: &str, count: usize) -> Duration {
    let mut stream = connect(address);
    let mut buffer = Vec::new();
    let began = Instant::now();
    for number in 0..count {
        let body = format!(
            r#"{{"type":"message","content":"hello there","messageId":"{series}-{number:08}"}}"#
        );
        let request = request(&guest.token, "POST", &guest.path("messages"), &body);
        stream.write_all(request.as_bytes()).unwrap();
        let answer = read_answer(&mut stream, &mut buffer);
        assert!(answer.contains(" 200 "), "{answer}");
    }
    began.elapsed()
}

fn requests_per_second(address: SocketAddr, guest: &Guest, round: usize) -> f64 {
    REQUESTS as f64 / send_messages(address, guest, &format!("r{round:02}"), REQUESTS).as_secs_f64()
}

fn acks_per_second(address: SocketAddr, guest: &Guest, round: usize) -> f64 {
    let mut stream = open_socket(address, guest);
    let mut ack = [0; 256];
    let began = Instant::now();
    for number in 0..REQUESTS {
        stream.write_all(&message(&format!("s{round:02}-{number:08}"))).unwrap();
        assert!(stream.read(&mut ack).unwrap() > 2);
    }
    REQUESTS as f64 / began.elapsed().as_secs_f64()
}

/// What each of many idle sockets takes in a server that has just started, in bytes.
fn bytes_per_socket(role: Role, count: u64) -> u64 {
    let server = Server::start(role);
    let guest = guest(server.address);
    // What the first socket brings with it is not every socket's.
    let first = open_socket(server.address, &guest);
    let before = server.resident_bytes();
    let held: Vec<TcpStream> = (0..count).map(|_| open_socket(server.address, &guest)).collect();
    let grown = server.resident_bytes().saturating_sub(before) / count;
    drop((first, held));
    grown
}

/// How long the reset of one tenant takes, with its request and answer, among many.
fn reset(address: SocketAddr) -> Duration {
    let mut stream = connect(address);
    let mut buffer = Vec::new();
    let mut post = |path: &str, body: &str| {
        stream.write_all(request(OAUTH, "POST", path, body).as_bytes()).unwrap();
        let answer = read_answer(&mut stream, &mut buffer);
        assert!(answer.contains(" 200 "), "{answer}");
    };
    for tenant in 0..TENANTS {
        post(&format!("/t/bench-{tenant}/api/v2/webchat/guests"), r#"{"guest":{}}"#);
    }
    let mut taken: Vec<Duration> = (0..TENANTS)
        .map(|tenant| {
            let began = Instant::now();
            post(&format!("/t/bench-{tenant}/__holdline/reset"), "");
            began.elapsed()
        })
        .collect();
    taken.sort();
    taken[TENANTS * 99 / 100]
}

/// The servers that are compared, in the order of a round.
const COMPARED: [(Role, &str); 3] =
    [(Role::Bare, "bare"), (Role::Least, "the least"), (Role::Mock, "mock")];

/// Of each server the median of the rounds, beside the bare one, and its fastest round, which little
/// else has disturbed.
fn compare(what: &str, rounds: &[[f64; COMPARED.len()]]) {
    for (place, (_, name)) in COMPARED.iter().enumerate() {
        let mut ratios: Vec<f64> = rounds.iter().map(|round| round[place] / round[0]).collect();
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2] * 100.0;
        let best = rounds.iter().map(|round| round[place]).fold(0.0, f64::max);
        println!("{what}, {name}: {median:.0} % of bare in the median, {best:.0} a second at best");
    }
}

fn number(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn main() {
    servers::serve_if_told();
    if std::env::args().any(|argument| argument == "soak") {
        return soak::run(number("HOLDLINE_BENCH_MINUTES", 60) as u64);
    }
    let sockets = number("HOLDLINE_BENCH_SOCKETS", 10_000) as u64;
    let bare = bytes_per_socket(Role::Bare, sockets);
    let mock = bytes_per_socket(Role::Mock, sockets);
    println!("{sockets} idle sockets: bare {bare} B each, mock {mock} B each");

    let began = Instant::now();
    let mocked = Server::start(Role::Mock);
    let guest_of_mock = guest(mocked.address);
    println!("first answer after {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let compared = COMPARED.map(|(role, _)| {
        let server = Server::start(role);
        let guest = guest(server.address);
        (server, guest)
    });
    let (mut requests, mut acks) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let each = |rate: fn(SocketAddr, &Guest, usize) -> f64| {
            compared.each_ref().map(|(server, guest)| rate(server.address, guest, round))
        };
        requests.push(each(requests_per_second));
        acks.push(each(acks_per_second));
    }
    compare("requests", &requests);
    compare("acks", &acks);
    let total = number("HOLDLINE_BENCH_REQUESTS", 1_000_000);
    for tenth in 1..=10 {
        send_messages(mocked.address, &guest_of_mock, &format!("t{tenth:02}"), total / 10);
        let mib = mocked.resident_bytes() >> 20;
        println!("resident after {} requests more: {mib} MiB", tenth * total / 10);
    }
    let reset = reset(mocked.address);
    println!("reset of one of {TENANTS} tenants: {} us at the 99th percentile", reset.as_micros());
}
