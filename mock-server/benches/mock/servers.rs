//! The mock and the bare server, each in a process of its own: this very program, started with the
//! name of one. What it takes in memory is then its own, and nobody else's.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use actix::{Actor, StreamHandler};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use actix_web_actors::ws;
use bytestring::ByteString;
use holdline_mock_server::{Clock, CloudConfig, Mock, MockConfig, ServeConfig};
use serde::{Deserialize, Serialize};

/// The variable by which a process is told to be one of them.
const ROLE: &str = "HOLDLINE_BENCH_SERVER";
/// How fast the clock of a hurried mock runs.
pub(crate) const SPEED: u32 = 60;
const ACK: &str = r#"{"type":"messageReceived","messageId":"m1"}"#;

/// What a bare server says to a message.
type Says = fn(&[u8]) -> ByteString;

/// The same, whatever was said.
fn nothing(_: &[u8]) -> ByteString {
    ByteString::from_static(ACK)
}

/// A message as far as it must be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    content: String,
    message_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ack<'a> {
    r#type: &'a str,
    message_id: &'a str,
}

/// The least that a cloud can do: it reads the message, keeps it under its id, and names that.
fn least(raw: &[u8]) -> ByteString {
    static KEPT: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let Message { content, message_id } = serde_json::from_slice(raw).unwrap();
    let ack = Ack { r#type: "messageReceived", message_id: &message_id };
    let ack = serde_json::to_string(&ack).unwrap();
    KEPT.lock().unwrap().insert(message_id, content);
    ack.into()
}

struct Bare(Says);

impl Actor for Bare {
    type Context = ws::WebsocketContext<Self>;
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Bare {
    fn handle(
        &mut self,
        message: Result<ws::Message, ws::ProtocolError>,
        context: &mut Self::Context,
    ) {
        if let Ok(ws::Message::Text(text)) = message {
            context.text((self.0)(text.as_bytes()));
        }
    }
}

fn serve_bare(listener: TcpListener, says: Says) {
    let answer = move |http: HttpRequest, body: Bytes| async move {
        let asks = http.path().ends_with("/messages");
        let said = if asks { says(&body) } else { nothing(&body) };
        HttpResponse::Ok().content_type("application/json").body(said)
    };
    let open = move |http: HttpRequest, payload: web::Payload| async move {
        ws::start(Bare(says), &http, payload)
    };
    let app = move || {
        App::new()
            .route("/{tail:.*}/websocket", web::get().to(open))
            .default_service(web::to(answer))
    };
    let server = HttpServer::new(app).workers(1).listen(listener).unwrap().run();
    actix_rt::System::new().block_on(server).unwrap();
}

fn serve_mock(listener: TcpListener, speed: u32) {
    let cloud = CloudConfig {
        strict_socket_auth: false,
        messages_per_second: u32::MAX,
        burst: u32::MAX,
        ..CloudConfig::default()
    };
    let speed = u64::from(speed) * 1000;
    let mock = Mock::new(MockConfig { cloud, speed, ..MockConfig::default() }, Clock::system());
    let config = ServeConfig::default();
    let serving = async move { mock.serve(&config, listener, std::future::pending()).await };
    actix_rt::System::new().block_on(serving).unwrap();
}

/// Which of them.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Mock,
    /// The mock, with a clock that runs `SPEED` times as fast.
    Hurried,
    Bare,
    /// A bare one that reads, keeps and names what it acknowledges.
    Least,
}

/// Serves for ever, where this process was started for that.
pub(crate) fn serve_if_told() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    match role.as_str() {
        "mock" => serve_mock(listener, 1),
        "hurried" => serve_mock(listener, SPEED),
        "least" => serve_bare(listener, least),
        _ => serve_bare(listener, nothing),
    }
}

/// One of them, in its process.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(role: Role) -> Self {
        let name = match role {
            Role::Mock => "mock",
            Role::Hurried => "hurried",
            Role::Bare => "bare",
            Role::Least => "least",
        };
        let program = std::env::current_exe().unwrap();
        let mut command = Command::new(program);
        let mut process = command.env(ROLE, name).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, address: line.trim().parse().unwrap() }
    }

    /// What it takes in memory now.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    }

    /// How many files it has open.
    pub(crate) fn files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.process.id())).map_or(0, Iterator::count)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
