//! As little of a client as asks and reads answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

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

pub(crate) fn guest(address: SocketAddr) -> Guest {
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

pub(crate) fn open_socket(address: SocketAddr, guest: &Guest) -> TcpStream {
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
