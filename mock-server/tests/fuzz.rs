//! Strangers at the wire: requests, frames and control calls that nobody meant. The mock never
//! panics, never hangs, keeps its memory, and serves the next good client.
//!
//! `HOLDLINE_FUZZ_CASES` says how many batches of 32 are thrown; the default is for every day.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use holdline_mock_server::{CloudConfig, MockConfig, MockServer};
use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::{Config, TestError, TestRunner};

/// Only a mock that hangs lets it come to that.
const HANG: Duration = Duration::from_secs(60);
const PER_BATCH: usize = 32;
/// What a million strangers may leave behind.
const MAX_GROWTH_BYTES: u64 = 64 << 20;

static PANICS: AtomicUsize = AtomicUsize::new(0);

/// What somebody throws at the mock.
#[derive(Debug, Clone)]
enum Thrown {
    Bytes(Vec<u8>),
    /// After a handshake of a guest that there is.
    Frames(Vec<u8>),
}

impl Thrown {
    fn bytes(&self, guest: &str) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Frames(frames) => [handshake(guest).as_bytes(), frames].concat(),
        }
    }
}

fn serve() -> MockServer {
    let cloud = CloudConfig { strict_socket_auth: false, ..CloudConfig::default() };
    let config = MockConfig { cloud, max_tenants: 100, ..MockConfig::default() };
    MockServer::builder().mock(config).start().unwrap()
}

/// Throws bytes and reads what comes until the end.
fn throw(address: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    // To hang up in the middle is an answer, too.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = [0; 4096];
    loop {
        match stream.read(&mut answer) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                let hung = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
                assert!(!hung, "the mock hangs after {:?}", String::from_utf8_lossy(bytes));
                return;
            }
        }
    }
}

/// All that is answered until the end.
fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A control call.
fn control(address: SocketAddr, call: &str) -> String {
    let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (method, path) = call.split_once(' ').unwrap();
    ask(address, format!("{method} /__holdline/{path} {head}").as_bytes())
}

fn handshake(guest: &str) -> String {
    format!(
        "GET /api/v2/webchat/instances/{guest}/websocket HTTP/1.1\r\nHost: localhost\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// The next good client, once nothing is armed: a new guest, and a socket that both sides close. The
/// guest, if all that succeeds.
fn served(address: SocketAddr) -> Option<String> {
    control(address, "DELETE faults");
    control(address, "POST network/release");
    let create = "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: localhost\r\n\
                  Authorization: Bearer holdline-oauth\r\nConnection: close\r\n\
                  Content-Length: 12\r\n\r\n{\"guest\":{}}";
    let created = ask(address, create.as_bytes());
    let guest = created.split("\"webchatInstanceId\":\"").nth(1)?.get(..36)?.to_owned();
    let close = [0x88, 0x80, 0, 0, 0, 0];
    let socket = ask(address, &[handshake(&guest).as_bytes(), &close].concat());
    socket.contains(" 101 ").then_some(guest)
}

/// The memory that the process has from the system.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Texts like an expression, which as a mere `&str` would be read anew for each of them.
fn like(expression: &str) -> impl Strategy<Value = String> + use<> {
    string_regex(expression).unwrap()
}

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("/api/v2/webchat/guests".to_owned()),
        Just("/api/v2/webchat/instances/x/messages?after=-1".to_owned()),
        Just("/api/v2/webchat/instances/x/websocket?token=%ff".to_owned()),
        Just("/__holdline/faults".to_owned()),
        Just("/__holdline/expect".to_owned()),
        Just("/__holdline/clock".to_owned()),
        Just("/__holdline/agent/say".to_owned()),
        Just("/__holdline/agent/script".to_owned()),
        Just("/__holdline/journal?after=18446744073709551615&limit=99999999".to_owned()),
        like("/__holdline/[a-z]{1,8}/[ -~]{0,10}").prop_map(|path| path.replace(' ', "%20")),
        like("/t/[ -~]{0,20}/api/v2/webchat/guests").prop_map(|path| path.replace(' ', "")),
        like("/[!-~]{0,60}"),
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        like(r#"\{"(kind|text|message|by|speed|guest)":("[a-z0-9 ]{0,10}"|-?[0-9]{1,20}|null|\[\]|\{\})\}"#)
            .prop_map(String::into_bytes),
        like(r#"\{"kind":"(reset|answer|ack-delayed|cut-after|silence|frame-huge)","(status|by|after|bytes|nth|count|probability)":("[0-9]{1,20}(s|y)"|[0-9]{1,20}|0\.[0-9]{1,5})\}"#)
            .prop_map(String::into_bytes),
        Just(vec![b'['; 5000]),
    ]
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof![like("GET|POST|PUT|DELETE|OPTIONS|PATCH|HEAD"), like("[A-Z]{1,9}")];
    let header = prop_oneof![
        like("Holdline-Tenant: [ -~]{0,20}"),
        like("Authorization: (Bearer|bearer|Basic) ?[ -~]{0,20}"),
        like("Origin: (null|https?://[a-z.:0-9]{0,12}|[ -~]{0,9})"),
        like(
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: (13|8)\r\nSec-WebSocket-Key: [ -~]{0,24}"
        ),
        like("Transfer-Encoding: chunked"),
        like("[A-Za-z-]{1,12}: [ -~]{0,30}"),
    ];
    (method, path(), prop::collection::vec(header, 0..4), body(), any::<bool>()).prop_map(
        |(method, path, headers, body, honest)| {
            let length = if honest { body.len() } else { body.len() / 2 };
            let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
            for header in headers {
                text += &header;
                text += "\r\n";
            }
            let _ = write!(text, "Content-Length: {length}\r\n\r\n");
            [text.as_bytes(), &body].concat()
        },
    )
}

/// Frames that keep or break RFC 6455.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    // Text, binary, pieces, control frames; of all other bytes nearly none begins a frame.
    let known = prop::sample::select(&[0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8a][..]);
    let first = prop_oneof![3 => known, 1 => any::<u8>()];
    let frame = (first, body(), any::<bool>()).prop_map(|(first, body, is_honest)| {
        let length = u8::try_from(body.len().min(125)).unwrap();
        let told = if is_honest { length } else { length.wrapping_add(1) & 0x7f };
        let mut frame = vec![first, 0x80 | told, 0, 0, 0, 0];
        frame.extend_from_slice(&body[..usize::from(length)]);
        frame
    });
    prop::collection::vec(frame, 1..6).prop_map(|frames| frames.concat())
}

#[test]
fn strangers_hurt_nobody() {
    let cases = std::env::var("HOLDLINE_FUZZ_CASES").ok().and_then(|text| text.parse().ok());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
    let mock = serve();
    let address = mock.address();
    // Guests are forgotten in time, so that frames go to the newest.
    let guest = RefCell::new(served(address).expect("nobody has done anything yet"));
    // A stranger may clear the journal, so it is looked at after each batch.
    let is_heard = Cell::new(false);
    let stranger = prop_oneof![
        4 => request().prop_map(Thrown::Bytes),
        3 => frames().prop_map(Thrown::Frames),
        1 => prop::collection::vec(any::<u8>(), 1..300).prop_map(Thrown::Bytes),
    ];
    let config = Config { cases: cases.unwrap_or(48), max_shrink_iters: 200, ..Config::default() };
    let before = resident_bytes();
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&prop::collection::vec(stranger, PER_BATCH), |batch| {
        for thrown in &batch {
            throw(address, &thrown.bytes(&guest.borrow()));
        }
        prop_assert_eq!(PANICS.load(Ordering::Relaxed), 0, "the mock panicked");
        let next = served(address);
        prop_assert!(next.is_some(), "the next good client is not served");
        guest.replace(next.unwrap());
        let frames = || control(address, "GET journal?kind=frame-in&limit=1");
        is_heard.set(is_heard.get() || frames().contains("frame-in"));
        Ok(())
    });
    if let Err(TestError::Fail(why, batch)) = outcome {
        let shown = batch.iter().map(|thrown| thrown.bytes("GUEST").escape_ascii().to_string());
        let shown: Vec<String> = shown.map(|text| text.chars().take(300).collect()).collect();
        panic!("{why}\n{}", shown.join("\n"));
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < MAX_GROWTH_BYTES, "{} MiB more than before", grown >> 20);
    assert!(is_heard.get(), "no frame of a stranger was read");
}
