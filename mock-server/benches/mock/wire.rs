//! As little of a client as asks and reads answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// The bearer that the cloud gives guests for.
pub(crate) const OAUTH: &str = "holdline-oauth";

pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads one answer: the head, and as much as it announces.
pub(crate) fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> String {
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

pub(crate) struct Guest {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Guest {
    pub(crate) fn path(&self, what: &str) -> String {
        format!("/api/v2/webchat/instances/{}/{what}", self.id)
    }
}

/// A request with its bearer, as it goes over the wire.
pub(crate) fn request(bearer: &str, method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bearer}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The answer to one request on a connection of its own.
pub(crate) fn ask(
    address: SocketAddr,
    bearer: &str,
    method: &str,
    path: &str,
    body: &str,
) -> String {
    let mut stream = connect(address);
    stream.write_all(request(bearer, method, path, body).as_bytes()).unwrap();
    read_answer(&mut stream, &mut Vec::new())
}

pub(crate) fn guest(address: SocketAddr) -> Guest {
    let answer = ask(address, OAUTH, "POST", "/api/v2/webchat/guests", r#"{"guest":{}}"#);
    let field = |name: &str| {
        let rest = answer.split(&format!("\"{name}\":\"")).nth(1);
        rest.map_or("none", |rest| &rest[..36]).to_owned()
    };
    Guest { id: field("webchatInstanceId"), token: field("token") }
}

/// The frame of a message of the guest's.
pub(crate) fn message(id: &str) -> Vec<u8> {
    let text = format!(r#"{{"type":"message","content":"hello there","messageId":"{id}"}}"#);
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

pub(crate) fn open_socket(address: SocketAddr, guest: &Guest) -> TcpStream {
    let mut stream = connect(address);
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        guest.path("websocket")
    );
    stream.write_all(request.as_bytes()).unwrap();
    let answer = read_answer(&mut stream, &mut Vec::new());
    assert!(answer.contains(" 101 "), "{answer}");
    stream
}
