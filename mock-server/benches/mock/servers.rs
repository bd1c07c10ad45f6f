//! The mock and the bare server, each in a process of its own: this very program, started with the
//! name of one. What it takes in memory is then its own, and nobody else's.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use actix::{Actor, StreamHandler};
use actix_web::web::{self, Bytes};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use actix_web_actors::ws;
use holdline_mock_server::{Clock, CloudConfig, Mock, MockConfig, ServeConfig};

/// The variable by which a process is told to be one of them.
const ROLE: &str = "HOLDLINE_BENCH_SERVER";
/// How fast the clock of a hurried mock runs.
pub(crate) const SPEED: u32 = 60;
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

fn serve_bare(listener: TcpListener) {
    let app = || {
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
}

/// Serves for ever, where this process was started for that.
pub(crate) fn serve_if_told() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    match role.as_str() {
        "mock" => serve_mock(listener, 1),
        "hurried" => serve_mock(listener, SPEED),
        _ => serve_bare(listener),
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
