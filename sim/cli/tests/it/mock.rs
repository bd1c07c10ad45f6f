//! `holdline mock` as strangers use it: the real binary on a real port, with HTTP clients,
//! WebSocket clients, and clients that send rubbish.
#![cfg(unix)]

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use actix_http::ws::{Frame, Message};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};

const GUESTS: &str = "/api/v2/webchat/guests";
const GUEST: &str = r#"{"guest":{"firstName":"Ada"}}"#;

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
    command.arg("mock").args(args).env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

fn output(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command(args).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

/// A mock on a free port; it is killed if a test ends without stopping it.
struct Mock {
    child: Child,
    out: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Mock {
    fn start(args: &[&str]) -> Self {
        let mut command = command(&["--port", "0"]);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("listens on http://").expect(&line);
        let address = rest.split_whitespace().next().unwrap().parse().unwrap();
        Self { child, out, address }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// It has been told to stop: everything it said, and that it ended well.
    fn assert_ends_well(mut self) -> String {
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        let mut errors = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{errors}");
        assert_eq!(errors, "");
        text
    }

    /// Sends bytes as they are; what comes back until the mock hangs up, which it must.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        // Only a mock that fails the test lets it come to that.
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // To hang up in the middle is an answer, too.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer) {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    async fn post(&self, path: &str, bearer: &str, body: &str) -> (u16, Value) {
        let request = awc::Client::default().post(format!("http://{}{path}", self.address));
        let request = request.bearer_auth(bearer).content_type("application/json");
        let mut answer = request.send_body(body.to_owned()).await.unwrap();
        let bytes = answer.body().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&bytes).unwrap())
    }

    async fn guest(&self) -> (String, String) {
        let (status, grant) = self.post(GUESTS, "holdline-oauth", GUEST).await;
        assert_eq!(status, 200, "{grant}");
        let text = |key: &str| grant[key].as_str().unwrap().to_owned();
        (text("webchatInstanceId"), text("token"))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It has usually ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn is_refused(answer: &(u16, Value), status: u16, code: &str) -> bool {
    answer.0 == status && answer.1["status"] == status && answer.1["code"] == code
}

#[actix_web::test]
async fn a_conversation_over_http_and_websocket_and_a_polite_end() {
    let mock = Mock::start(&[]);
    let (instance, token) = mock.guest().await;
    let base = format!("/api/v2/webchat/instances/{instance}");
    let url = format!("ws://{}{base}/websocket?token={token}", mock.address);
    let (answer, mut socket) = awc::Client::default().ws(url).connect().await.unwrap();
    assert_eq!(answer.status(), 101);

    let message = json!({"type": "message", "content": "Hello", "messageId": "m1"}).to_string();
    socket.send(Message::Text(message.into())).await.unwrap();
    let Some(Ok(Frame::Text(ack))) = socket.next().await else { panic!("no ack") };
    let ack: Value = serde_json::from_slice(&ack).unwrap();
    assert_eq!((&ack["type"], &ack["messageId"]), (&"messageReceived".into(), &"m1".into()));

    let message = json!({"type": "message", "content": "Again", "messageId": "m2"}).to_string();
    let (status, stored) = mock.post(&format!("{base}/messages"), &token, &message).await;
    assert_eq!((status, &stored["messageId"]), (200, &"m2".into()));

    mock.signal("INT");
    let Some(Ok(Frame::Close(Some(reason)))) = socket.next().await else { panic!("no close") };
    assert_eq!(u16::from(reason.code), 1001);
    socket.send(Message::Close(None)).await.unwrap();
    drop(socket);
    let told = mock.assert_ends_well();
    assert!(told.contains("curl -X POST http://127.0.0.1:"), "{told}");
    assert!(told.contains("/websocket?token=<token>"), "{told}");
}

#[actix_web::test]
async fn wrong_requests_get_the_articles_answers() {
    let mock = Mock::start(&["--messages-per-second", "1"]);
    let (instance, token) = mock.guest().await;
    let messages = format!("/api/v2/webchat/instances/{instance}/messages");
    let json = mock.post(GUESTS, "holdline-oauth", "{ bad").await;
    assert!(is_refused(&json, 400, "json.malformed"), "{json:?}");
    let oauth = mock.post(GUESTS, "somebody-else", GUEST).await;
    assert!(is_refused(&oauth, 401, "oauth.invalid"), "{oauth:?}");
    let path = mock.post("/api/v2/webchat/quests", "holdline-oauth", GUEST).await;
    assert!(is_refused(&path, 404, "path.unknown"), "{path:?}");
    let message = mock.post(&messages, &token, "[]").await;
    assert_eq!(message.0, 400, "{message:?}");
    let mut answers = Vec::new();
    while answers.last().is_none_or(|(status, _)| *status == 200) && answers.len() < 50 {
        let id = format!("m{}", answers.len());
        let body = json!({"type": "message", "content": "x", "messageId": id}).to_string();
        answers.push(mock.post(&messages, &token, &body).await);
    }
    let last = answers.last().unwrap();
    assert!(is_refused(last, 429, "rate.limited") && answers.len() > 2, "{answers:?}");
    mock.signal("TERM");
    mock.assert_ends_well();
}

#[actix_web::test]
async fn rubbish_is_refused_and_hurts_nobody_else() {
    let mock = Mock::start(&["--lenient", "--oauth-token", "o"]);
    assert!(mock.raw(b"\x16\x03\x01\x00\xa5 not http\r\n\r\n").contains("400 Bad Request"));
    let endless = [b"GET / HTTP/1.1\r\nX: ".as_slice(), &vec![b'a'; 1 << 20]].concat();
    assert!(!mock.raw(&endless).contains("200 OK"));
    let handshake = "GET /api/v2/webchat/instances/none/websocket HTTP/1.1\r\nHost: x\r\n\
                     Connection: close\r\n\r\n";
    assert!(mock.raw(handshake.as_bytes()).contains("404"));
    drop(TcpStream::connect(mock.address).unwrap());

    let (status, grant) = mock.post(GUESTS, "o", GUEST).await;
    assert_eq!(status, 200);
    let instance = grant["webchatInstanceId"].as_str().unwrap();
    let upgrade = format!(
        "GET /api/v2/webchat/instances/{instance}/websocket HTTP/1.1\r\nHost: x\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let frames = [upgrade.as_bytes(), &[0xff; 300]].concat();
    assert!(mock.raw(&frames).contains("101 Switching Protocols"));
    assert_eq!(mock.post(GUESTS, "o", GUEST).await.0, 200);
    mock.signal("INT");
    mock.assert_ends_well();
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, err) = output(&["--port", &port]);
    assert_eq!(code, Some(2));
    assert!(err.contains(&format!("cannot listen on 127.0.0.1:{port}: ")), "{err}");
    assert!(err.contains("--port 0"), "{err}");
}

#[test]
fn two_mocks_cannot_share_a_port_and_the_first_goes_on() {
    let mock = Mock::start(&[]);
    let (code, err) = output(&["--port", &mock.address.port().to_string()]);
    assert_eq!(code, Some(2));
    assert!(err.contains(&mock.address.to_string()) && err.contains("--port 0"), "{err}");
    assert!(mock.raw(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").contains("404"));
    mock.signal("INT");
    mock.assert_ends_well();
}

#[test]
fn bad_flags_name_the_value_and_what_is_allowed() {
    for (args, says) in [
        (&["--port", "70000"][..], &["'70000'", "0..=65535"][..]),
        (&["--host", "localhost"], &["'localhost'", "IP address"]),
        (&["--host", "192.0.2.1"], &["192.0.2.1:8080", "--host"]),
        (&["--token-ttl", "soon"], &["'soon'", "90s, 30m"]),
        (&["--token-ttl", "0s"], &["'0s'", "from 1s to 10 years"]),
        (&["--token-ttl", "500000000000y"], &["500000000000y", "from 1s to 10 years"]),
        (&["--messages-per-second", "0"], &["'0'", "1.."]),
        (&["--oauth-token", "a b"], &["'a b'", "letters, digits"]),
        (&["--oauth-token", ""], &["letters, digits"]),
    ] {
        let (code, err) = output(args);
        assert_eq!(code, Some(2), "{args:?}: {err}");
        for part in says {
            assert!(err.contains(part), "`{part}` is not in:\n{err}");
        }
        assert!(!err.contains("panicked"), "{err}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_address_that_cannot_be_told_is_an_error() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(&["--port", "0"]).stdout(full).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{err}");
    assert!(err.contains("cannot write to standard output"), "{err}");
}
