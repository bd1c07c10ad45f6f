//! The mock beside a bare actix-web handler and socket that do nothing but answer: requests and
//! acknowledgements a second, bytes per idle socket, time to the first answer. Every figure is from
//! the same run on the same machine, so that only their ratio is meant.
//!
//! `cargo bench -p holdline-mock-server`; `HOLDLINE_BENCH_SOCKETS` says how many idle sockets are
//! held (each needs two file descriptors).
#![expect(clippy::disallowed_methods, reason = "a bench reads the wall clock")]
#![expect(clippy::cast_precision_loss, reason = "the figures are for people")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use actix::{Actor, StreamHandler};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use actix_web_actors::ws;
use holdline_mock_server::{Clock, CloudConfig, Mock, MockConfig, ServeConfig};

/// The allocator of the `holdline` command, for both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const REQUESTS: usize = 20_000;
const ROUNDS: usize = 5;
const ACK: &str = r#"{"type":"messageReceived","messageId":"m1"}"#;

struct Bare;

impl Actor for Bare {
    type Context = ws::WebsocketContext<Self>;
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Bare {
    fn handle(
        &mut self,
        message: Result<ws::Message, ws::ProtocolError>,
        context: &mut Self::Context,
    ) {
        if let Ok(ws::Message::Text(_)) = message {
            context.text(ACK);
        }
    }
}

async fn answer(_: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(ACK)
}

async fn open(http: HttpRequest, payload: web::Payload) -> actix_web::Result<HttpResponse> {
    ws::start(Bare, &http, payload)
}

fn bare() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let app = || {
            App::new()
                .route("/{tail:.*}/websocket", web::get().to(open))
                .default_service(web::to(answer))
        };
        let server = HttpServer::new(app).workers(1).listen(listener).unwrap().run();
        actix_rt::System::new().block_on(server).unwrap();
    });
    address
}

fn mock() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let cloud = CloudConfig {
            strict_socket_auth: false,
            messages_per_second: u32::MAX,
            burst: u32::MAX,
            ..CloudConfig::default()
        };
        let mock = Mock::new(MockConfig { cloud, ..MockConfig::default() }, Clock::system());
        let config = ServeConfig::default();
        let serving = async move { mock.serve(&config, listener, std::future::pending()).await };
        actix_rt::System::new().block_on(serving).unwrap();
    });
    address
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads one answer: the head, and as much as it announces.
fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> String {
    buffer.clear();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).unwrap();
        assert!(read > 0, "the server has hung up");
        buffer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(buffer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        if length.is_none_or(|length| body.len() >= length.parse::<usize>().unwrap()) {
            return text.into_owned();
        }
    }
}

struct Guest {
    id: String,
    token: String,
}

fn guest(address: SocketAddr) -> Guest {
    let request = "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \
                   holdline-oauth\r\nContent-Length: 12\r\n\r\n{\"guest\":{}}";
    let mut stream = connect(address);
    stream.write_all(request.as_bytes()).unwrap();
    let answer = read_answer(&mut stream, &mut Vec::new());
    let field = |name: &str| {
        let rest = answer.split(&format!("\"{name}\":\"")).nth(1);
        rest.map_or("none", |rest| &rest[..36]).to_owned()
    };
    Guest { id: field("webchatInstanceId"), token: field("token") }
}

fn requests_per_second(address: SocketAddr, guest: &Guest, round: usize) -> f64 {
    let mut stream = connect(address);
    let mut buffer = Vec::new();
    let began = Instant::now();
    for number in 0..REQUESTS {
        let body = format!(
            r#"{{"type":"message","content":"hello there","messageId":"r{round:02}-{number:08}"}}"#
        );
        let request = format!(
            "POST /api/v2/webchat/instances/{}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: \
             Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
            guest.id,
            guest.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        read_answer(&mut stream, &mut buffer);
    }
    per_second(began.elapsed())
}

fn open_socket(address: SocketAddr, guest: &Guest) -> TcpStream {
    let mut stream = connect(address);
    let request = format!(
        "GET /api/v2/webchat/instances/{}/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        guest.id
    );
    stream.write_all(request.as_bytes()).unwrap();
    let answer = read_answer(&mut stream, &mut Vec::new());
    assert!(answer.contains(" 101 "), "{answer}");
    stream
}

fn acks_per_second(address: SocketAddr, guest: &Guest, round: usize) -> f64 {
    let mut stream = open_socket(address, guest);
    let mut ack = [0; 256];
    let began = Instant::now();
    for number in 0..REQUESTS {
        let text = format!(
            r#"{{"type":"message","content":"hello there","messageId":"s{round:02}-{number:08}"}}"#
        );
        let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
        frame.extend_from_slice(text.as_bytes());
        stream.write_all(&frame).unwrap();
        assert!(stream.read(&mut ack).unwrap() > 2);
    }
    per_second(began.elapsed())
}

fn per_second(took: Duration) -> f64 {
    REQUESTS as f64 / took.as_secs_f64()
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn bytes_per_socket(address: SocketAddr, guest: &Guest, count: u64) -> u64 {
    let before = resident_bytes();
    let held: Vec<TcpStream> = (0..count).map(|_| open_socket(address, guest)).collect();
    let grown = resident_bytes().saturating_sub(before) / count;
    drop(held);
    grown
}

fn main() {
    let began = Instant::now();
    let mocked = mock();
    let guest_of_mock = guest(mocked);
    println!("first answer after {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let plain = bare();
    let guest_of_bare = guest(plain);
    let sockets = std::env::var("HOLDLINE_BENCH_SOCKETS").ok().and_then(|text| text.parse().ok());
    let sockets = sockets.unwrap_or(400);
    let bare_bytes = bytes_per_socket(plain, &guest_of_bare, sockets);
    let mock_bytes = bytes_per_socket(mocked, &guest_of_mock, sockets);
    println!("{sockets} idle sockets: bare {bare_bytes} B each, mock {mock_bytes} B each");
    let (mut requests, mut acks) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let of_bare = requests_per_second(plain, &guest_of_bare, round);
        let of_mock = requests_per_second(mocked, &guest_of_mock, round);
        println!("requests a second: bare {of_bare:.0}, mock {of_mock:.0}");
        requests.push(of_mock / of_bare);
        let of_bare = acks_per_second(plain, &guest_of_bare, round);
        let of_mock = acks_per_second(mocked, &guest_of_mock, round);
        println!("acks a second: bare {of_bare:.0}, mock {of_mock:.0}");
        acks.push(of_mock / of_bare);
    }
    for (name, mut ratios) in [("requests", requests), ("acks", acks)] {
        ratios.sort_by(f64::total_cmp);
        println!("{name}: {:.0} % of bare in the median", ratios[ROUNDS / 2] * 100.0);
    }
    println!("resident after {} messages: {} MiB", 2 * ROUNDS * REQUESTS, resident_bytes() >> 20);
}
