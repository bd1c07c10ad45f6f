//! Strangers at the wire: requests, frames and control calls that nobody meant. The mock never
//! panics, never hangs, keeps its memory, and serves the next good client.
//!
//! `HOLDLINE_FUZZ_CASES` says how many batches of 32 are thrown; the default is for every day.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use holdline_mock_server::{Clock, CloudConfig, Mock, MockConfig, ServeConfig};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

/// Only a mock that hangs lets it come to that.
const HANG: Duration = Duration::from_secs(20);
const PER_BATCH: usize = 32;
/// What a million strangers may leave behind.
const MAX_GROWTH_BYTES: u64 = 64 << 20;

static PANICS: AtomicUsize = AtomicUsize::new(0);

fn serve() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let cloud = CloudConfig { strict_socket_auth: false, ..CloudConfig::default() };
        let mock = Mock::new(
            MockConfig { cloud, max_tenants: 100, ..MockConfig::default() },
            Clock::system(),
        );
        let serving = async move {
            mock.serve(&ServeConfig::default(), listener, std::future::pending()).await
        };
        actix_rt::System::new().block_on(serving).unwrap();
    });
    address
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

fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn is_served(address: SocketAddr) -> bool {
    let disarm =
        "DELETE /__holdline/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    ask(address, disarm);
    let release = "POST /__holdline/network/release HTTP/1.1\r\nHost: localhost\r\n\
                   Content-Length: 0\r\nConnection: close\r\n\r\n";
    ask(address, release);
    let create = "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: localhost\r\n\
                  Authorization: Bearer holdline-oauth\r\nConnection: close\r\n\
                  Content-Length: 12\r\n\r\n{\"guest\":{}}";
    ask(address, create).contains("200 OK")
}

/// The memory that the process has from the system.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
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
        "/__holdline/[a-z]{1,8}/[ -~]{0,10}".prop_map(|path| path.replace(' ', "%20")),
        "/t/[ -~]{0,20}/api/v2/webchat/guests".prop_map(|path| path.replace(' ', "")),
        "/[!-~]{0,60}",
    ]
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        r#"\{"(kind|text|message|by|speed|guest)":("[a-z0-9 ]{0,10}"|-?[0-9]{1,20}|null|\[\]|\{\})\}"#
            .prop_map(String::into_bytes),
        r#"\{"kind":"(reset|answer|ack-delayed|cut-after|silence|frame-huge)","(status|by|after|bytes|nth|count|probability)":("[0-9]{1,20}(s|y)"|[0-9]{1,20}|0\.[0-9]{1,5})\}"#
            .prop_map(String::into_bytes),
        Just(vec![b'['; 5000]),
    ]
}

fn request() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof!["GET|POST|PUT|DELETE|OPTIONS|PATCH|HEAD", "[A-Z]{1,9}"];
    let header = prop_oneof![
        "Holdline-Tenant: [ -~]{0,20}",
        "Authorization: (Bearer|bearer|Basic) ?[ -~]{0,20}",
        "Origin: (null|https?://[a-z.:0-9]{0,12}|[ -~]{0,9})",
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: (13|8)\r\nSec-WebSocket-Key: [ -~]{0,24}",
        "Transfer-Encoding: chunked",
        "[A-Za-z-]{1,12}: [ -~]{0,30}",
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

/// A handshake that succeeds is not needed: frames that follow a request are read as one, too.
fn frames(instance: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let handshake = format!(
        "GET /api/v2/webchat/instances/{instance}/websocket HTTP/1.1\r\nHost: localhost\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let frame = (any::<u8>(), body(), any::<bool>()).prop_map(|(first, body, is_honest)| {
        let length = u8::try_from(body.len().min(125)).unwrap();
        let told = if is_honest { length } else { length.wrapping_add(1) & 0x7f };
        let mut frame = vec![first, 0x80 | told, 0, 0, 0, 0];
        frame.extend_from_slice(&body[..usize::from(length)]);
        frame
    });
    prop::collection::vec(frame, 1..6)
        .prop_map(move |frames| [handshake.as_bytes(), &frames.concat()].concat())
}

#[test]
fn strangers_hurt_nobody() {
    let cases = std::env::var("HOLDLINE_FUZZ_CASES").ok().and_then(|text| text.parse().ok());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
    let address = serve();
    let create = "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: localhost\r\n\
                  Authorization: Bearer holdline-oauth\r\nConnection: close\r\n\
                  Content-Length: 12\r\n\r\n{\"guest\":{}}";
    let answer = ask(address, create);
    let instance = answer.split("\"webchatInstanceId\":\"").nth(1).unwrap()[..36].to_owned();
    let stranger = prop_oneof![
        4 => request(),
        3 => frames(&instance),
        1 => prop::collection::vec(any::<u8>(), 1..300),
    ];
    let config = Config { cases: cases.unwrap_or(48), max_shrink_iters: 200, ..Config::default() };
    let before = resident_bytes();
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&prop::collection::vec(stranger, PER_BATCH), |batch| {
        for bytes in &batch {
            throw(address, bytes);
        }
        prop_assert_eq!(PANICS.load(Ordering::Relaxed), 0, "the mock panicked");
        prop_assert!(is_served(address), "the next good client is not served");
        Ok(())
    });
    if let Err(TestError::Fail(why, batch)) = outcome {
        let shown = batch.iter().map(|bytes| bytes.escape_ascii().to_string());
        let shown: Vec<String> = shown.map(|text| text.chars().take(300).collect()).collect();
        panic!("{why}\n{}", shown.join("\n"));
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < MAX_GROWTH_BYTES, "{} MiB more than before", grown >> 20);
}
