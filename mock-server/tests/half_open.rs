//! Clients that begin something and never end it, by the thousand, over real sockets. The next good
//! client is served while they are there; in the end each is let go, and its place is free.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use holdline_mock_server::{CloudConfig, MockServer, ServeConfig};

/// Only a mock that hangs lets it come to that.
const HANG: Duration = Duration::from_secs(60);
const MOST: usize = 2000;
/// Files that the test needs beside its connections, which have two ends here.
const OTHER_FILES: usize = 100;
/// What each of them may take, with its buffers.
const MAX_BYTES_EACH: u64 = 64 << 10;

const HEAD: &str = "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \
                    holdline-oauth\r\nContent-Length: 12\r\n\r\n";
const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
/// A call with a long answer.
const DOCUMENT: &str = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";

/// How far a client gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Nothing,
    Head,
    Body,
    /// In chunks, for a path that nobody reads a body of.
    UnreadBody,
    Handshake,
    Frame,
    /// The head of a second request on a connection that has served one.
    SecondHead,
}

const HALVES: [Half; 7] = [
    Half::Nothing,
    Half::Head,
    Half::Body,
    Half::UnreadBody,
    Half::Handshake,
    Half::Frame,
    Half::SecondHead,
];

impl Half {
    /// A client that has got so far.
    fn of(self, address: SocketAddr, guest: &str) -> TcpStream {
        let mut stream = connect(address);
        let handshake = handshake(guest);
        let begun = match self {
            Self::Nothing => "",
            Self::Head => &HEAD[..HEAD.len() / 2],
            Self::Body => &format!("{HEAD}{{\"guest"),
            Self::UnreadBody => {
                "POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"
            }
            Self::Handshake => &handshake[..handshake.len() / 2],
            Self::Frame => &handshake,
            Self::SecondHead => HEALTH,
        };
        stream.write_all(begun.as_bytes()).unwrap();
        match self {
            Self::Frame => {
                assert!(head(&mut stream).contains(" 101 "));
                stream.write_all(&[0x81, 0x94, 0, 0, 0, 0, b'{']).unwrap();
            }
            Self::SecondHead => {
                assert!(answer(&mut stream).contains(" 200 "));
                stream.write_all(&HEALTH.as_bytes()[..20]).unwrap();
            }
            _ => {}
        }
        stream
    }

    /// Whether the client is told that it was too slow.
    fn is_told(self) -> bool {
        matches!(self, Self::Nothing | Self::Head | Self::Handshake)
    }
}

fn serve(config: ServeConfig) -> MockServer {
    let cloud = CloudConfig { strict_socket_auth: false, ..CloudConfig::default() };
    MockServer::builder().cloud(cloud).serve(config).start().unwrap()
}

fn patient(opening_timeout: Duration, max_connections: usize) -> ServeConfig {
    ServeConfig { opening_timeout, max_connections, ..ServeConfig::default() }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream.set_write_timeout(Some(HANG)).unwrap();
    stream
}

fn handshake(guest: &str) -> String {
    format!(
        "GET /api/v2/webchat/instances/{guest}/websocket HTTP/1.1\r\nHost: x\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// Reads up to the end of a head and no further.
fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        read.extend_from_slice(&byte);
    }
    String::from_utf8(read).unwrap()
}

/// Reads one answer whose length is told.
fn answer(stream: &mut TcpStream) -> String {
    let head = head(stream);
    let length = head.to_ascii_lowercase();
    let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

/// What comes until the end, however that comes.
fn rest(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    if let Err(error) = stream.read_to_end(&mut read) {
        let hangs = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!hangs, "the mock keeps a client that ends nothing");
    }
    String::from_utf8_lossy(&read).into_owned()
}

/// A good client: a new guest, its socket, and a message that is acknowledged.
fn is_served(address: SocketAddr) -> (String, TcpStream) {
    let mut stream = connect(address);
    let create = HEAD.replace("Host: x", "Host: x\r\nConnection: close");
    stream.write_all(format!("{create}{{\"guest\":{{}}}}").as_bytes()).unwrap();
    let created = rest(&mut stream);
    let guest = created.split("\"webchatInstanceId\":\"").nth(1).expect(&created)[..36].to_owned();
    let mut socket = connect(address);
    socket.write_all(handshake(&guest).as_bytes()).unwrap();
    assert!(head(&mut socket).contains(" 101 "));
    says(&mut socket, "m1");
    (guest, socket)
}

/// Sends a message and reads its acknowledgement.
fn says(socket: &mut TcpStream, id: &str) {
    let text = format!(r#"{{"type":"message","content":"hello","messageId":"{id}"}}"#);
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    socket.write_all(&frame).unwrap();
    let acknowledged = format!(r#"{{"type":"messageReceived","messageId":"{id}"}}"#);
    let mut read = vec![0; 2 + acknowledged.len()];
    socket.read_exact(&mut read).unwrap();
    assert_eq!(String::from_utf8_lossy(&read[2..]), acknowledged);
}

/// As many connections as the process may have, and no more than is of use.
fn many() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or_default();
    let files = line.split_whitespace().nth(3).and_then(|soft| soft.parse::<usize>().ok());
    MOST.min((files.unwrap_or(256) - OTHER_FILES) / 2)
}

/// The memory that the process has from the system.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn half_open(address: SocketAddr, guest: &str, count: usize) -> Vec<(Half, TcpStream)> {
    HALVES.into_iter().cycle().take(count).map(|half| (half, half.of(address, guest))).collect()
}

/// One more than there are places.
fn is_refused(address: SocketAddr) {
    let told = rest(&mut connect(address));
    assert!(told.contains(" 503 ") && told.contains("connections.exhausted"), "{told}");
}

/// Asks until it is cut off, and never reads an answer.
fn asks_and_never_reads(address: SocketAddr) {
    let mut stream = connect(address);
    let error = loop {
        if let Err(error) = stream.write_all(DOCUMENT.repeat(100).as_bytes()) {
            break error;
        }
    };
    let hangs = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    assert!(!hangs, "the mock keeps a client that reads nothing");
}

/// The other side of patience: where both have said that it is over, nobody waits for anything.
#[test]
fn a_socket_that_was_closed_on_both_sides_ends_at_once() {
    let long = Duration::from_hours(1);
    let config =
        ServeConfig { opening_timeout: long, closing_timeout: long, ..ServeConfig::default() };
    let mock = serve(config);
    let (_, mut socket) = is_served(mock.address());
    socket.write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).unwrap();
    let mut told = Vec::new();
    socket.read_to_end(&mut told).expect("the mock hangs up");
    assert_eq!(told, [0x88, 0x02, 0x03, 0xe8]);
}

#[test]
fn a_client_that_is_not_read_to_the_end_is_left_however_short_the_time() {
    let config = ServeConfig {
        opening_timeout: Duration::from_hours(1),
        closing_timeout: Duration::from_millis(1),
        ..ServeConfig::default()
    };
    let mock = serve(config);
    let mut stream = connect(mock.address());
    stream.write_all(b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf").unwrap();
    let told = rest(&mut stream);
    assert!(told.contains(" 405 "), "{told}");
}

#[test]
fn a_client_that_hangs_up_on_silence_gives_its_place_back() {
    let mock = serve(patient(Duration::from_hours(1), 1));
    let address = mock.address();
    let fault = r#"{"kind":"connection-silent","count":1}"#;
    let mut control = connect(address);
    let arm = format!(
        "POST /__holdline/faults HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{fault}",
        fault.len()
    );
    control.write_all(arm.as_bytes()).unwrap();
    assert!(rest(&mut control).contains(" 201 "));
    let mut silent = connect(address);
    silent.write_all(HEALTH.as_bytes()).unwrap();
    is_refused(address);
    silent.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(rest(&mut silent), "");
    is_served(address);
}

/// Each takes all the files that there are, so both are one test, in turn.
#[test]
fn half_open_clients_keep_nobody_waiting_and_are_let_go_in_the_end() {
    let count = many();
    while_they_are_there(count);
    when_they_were_waited_for(count);
}

/// None of them is let go in the time that this takes, and in the end there is no place left.
fn while_they_are_there(count: usize) {
    let mock = serve(patient(Duration::from_hours(1), count + 2));
    let address = mock.address();
    let (guest, _first) = is_served(address);
    let before = resident_bytes();
    let halves = half_open(address, &guest, count);
    let (_, _next) = is_served(address);
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < count as u64 * MAX_BYTES_EACH, "{count} clients take {} KiB", grown >> 10);
    is_refused(address);
    for (half, stream) in &halves {
        stream.set_nonblocking(true).unwrap();
        let peeked = stream.peek(&mut [0]).map_err(|error| error.kind());
        // A body that nobody waits for has its answer already.
        let is_held = peeked == Err(ErrorKind::WouldBlock) || *half == Half::UnreadBody;
        assert!(is_held, "{half:?} was let go: {peeked:?}");
    }
}

/// All of them are let go, and nobody who is merely quiet.
fn when_they_were_waited_for(count: usize) {
    // Long enough for the first byte of a good client on a machine that is busy.
    let mock = serve(patient(Duration::from_secs(1), count + 1));
    let address = mock.address();
    let (guest, mut quiet) = is_served(address);
    asks_and_never_reads(address);
    for (half, mut stream) in half_open(address, &guest, count) {
        let told = rest(&mut stream);
        assert_eq!(told.contains(" 408 "), half.is_told(), "{half:?}: {told}");
    }
    let again: Vec<TcpStream> = (0..count)
        .map(|place| {
            let mut stream = connect(address);
            stream.write_all(HEALTH.as_bytes()).unwrap();
            let told = answer(&mut stream);
            assert!(told.contains(" 200 "), "place {place} of {count} is not free: {told}");
            stream
        })
        .collect();
    says(&mut quiet, "m2");
    drop(again);
}
