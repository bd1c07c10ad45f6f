//! A scripted server in memory: enough HTTP and WebSocket to hold a whole client to its word.
//!
//! It shares no code with the client, so the two cannot agree on a mistake.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_http::ws::hash_key;
use actix_rt::net::{ActixStream, Ready};
use actix_service::fn_service;
use actix_tls::connect::{ConnectInfo, Connection};
use awc::http::Uri;
use holdline_client::{Clock, Http};
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf,
};

/// What the peer does with its sockets once they are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Answers pings and acknowledges messages.
    Polite,
    /// Reads and never answers.
    Mute,
    /// Does not even read.
    Stuck,
    /// Reads nothing, and writes one agent's message a byte a second.
    Trickling,
    /// Writes a ping and a close frame with this code, and is gone in the same moment.
    Hasty(u16),
}

struct Script {
    /// Answers given instead of the usual, by path ending.
    refusals: BTreeMap<&'static str, VecDeque<String>>,
    manners: VecDeque<Manner>,
    /// Sent to each socket right after its opening.
    greeting: Vec<String>,
    log: Vec<(u64, String)>,
    clock: Clock,
    open_connections: usize,
}

/// The server; clones are the same one.
#[derive(Clone)]
pub(crate) struct Peer(Rc<RefCell<Script>>);

impl Peer {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self(Rc::new(RefCell::new(Script {
            refusals: BTreeMap::new(),
            manners: VecDeque::new(),
            greeting: Vec::new(),
            log: Vec::new(),
            clock: clock.clone(),
            open_connections: 0,
        })))
    }

    /// The next request to a path with this ending gets this head (status line and headers).
    pub(crate) fn refuse_next(&self, path_end: &'static str, head: &str) {
        let mut script = self.0.borrow_mut();
        script.refusals.entry(path_end).or_default().push_back(head.to_owned());
    }

    /// The next socket is treated like this instead of politely.
    pub(crate) fn next_manner(&self, manner: Manner) {
        self.0.borrow_mut().manners.push_back(manner);
    }

    pub(crate) fn greet_with(&self, frame: &str) {
        self.0.borrow_mut().greeting.push(frame.to_owned());
    }

    /// Everything received, as `what` with the whole seconds since the start before it.
    pub(crate) fn log(&self) -> Vec<String> {
        self.0.borrow().log.iter().map(|(at_s, what)| format!("{at_s} {what}")).collect()
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.0.borrow().open_connections
    }

    /// Every connection of it leads here.
    pub(crate) fn http(&self) -> Http {
        let peer = self.clone();
        let connect = fn_service(move |info: ConnectInfo<Uri>| {
            let peer = peer.clone();
            async move { Ok(Connection::new(info.request().clone(), peer.accept())) }
        });
        let connector = awc::Connector::new().connector(connect);
        Http::over(connector)
    }

    fn note(&self, what: String) {
        let mut script = self.0.borrow_mut();
        let at = script.clock.now().mono.since_start().as_secs();
        script.log.push((at, what));
    }

    fn accept(&self) -> Io {
        let (ours, theirs) = tokio::io::duplex(512);
        let peer = self.clone();
        actix_rt::spawn(async move {
            peer.0.borrow_mut().open_connections += 1;
            // A client that goes away mid-sentence is part of the tests.
            let _ = peer.serve(ours).await;
            peer.0.borrow_mut().open_connections -= 1;
        });
        Io(theirs)
    }

    async fn serve(&self, mut io: DuplexStream) -> io::Result<()> {
        loop {
            let head = read_head(&mut io).await?;
            let header = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(':'));
                lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
            };
            let length = header("content-length").and_then(|length| length.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            io.read_exact(&mut body).await?;
            let request: Vec<&str> = head.split(' ').take(2).collect();
            let path = request[1].rsplit('/').next().unwrap_or_default();
            let body = String::from_utf8_lossy(&body).into_owned();
            self.note(format!("{} {path} {}", request[0], content(&body)));
            let refusal = self.0.borrow_mut().refusals.get_mut(path).and_then(VecDeque::pop_front);
            if let Some(refusal) = refusal {
                let answer = format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n");
                io.write_all(answer.as_bytes()).await?;
            } else if let Some(key) = header("sec-websocket-key") {
                let accept = hash_key(key.as_bytes());
                let accept = String::from_utf8_lossy(&accept);
                let head = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
                     Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
                );
                io.write_all(head.as_bytes()).await?;
                return self.serve_socket(io).await;
            } else {
                let answer = answer(path, &body);
                let length = answer.len();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{answer}");
                io.write_all(answer.as_bytes()).await?;
            }
        }
    }

    async fn serve_socket(&self, mut io: DuplexStream) -> io::Result<()> {
        let manner = self.0.borrow_mut().manners.pop_front().unwrap_or(Manner::Polite);
        if manner == Manner::Stuck {
            // Far longer than any test; the client hangs up first.
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
        if manner == Manner::Trickling {
            let message = r#"{"type":"message","content":"slow","messageId":"a1","sequence":1}"#;
            for byte in frame(1, message.as_bytes()) {
                tokio::time::sleep(Duration::from_secs(1)).await;
                io.write_u8(byte).await?;
            }
        }
        if let Manner::Hasty(code) = manner {
            return io.write_all(&[frame(9, b""), frame(8, &code.to_be_bytes())].concat()).await;
        }
        let greeting = self.0.borrow().greeting.clone();
        for frame in greeting {
            write_frame(&mut io, 1, frame.as_bytes()).await?;
        }
        loop {
            let (opcode, payload) = read_frame(&mut io).await?;
            let text = String::from_utf8_lossy(&payload).into_owned();
            match opcode {
                1 => self.note(format!("frame {}", content(&text))),
                8 => self.note(format!("close {}", u16::from_be_bytes([payload[0], payload[1]]))),
                _ => {}
            }
            match (manner, opcode) {
                (Manner::Polite, 1) => write_frame(&mut io, 1, ack(&text).as_bytes()).await?,
                (Manner::Polite, 8) => return write_frame(&mut io, 8, &payload).await,
                (Manner::Polite, 9) => write_frame(&mut io, 10, &payload).await?,
                _ => {}
            }
        }
    }
}

fn content(body: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    body["content"].as_str().unwrap_or("-").to_owned()
}

fn ack(message: &str) -> String {
    let body: serde_json::Value = serde_json::from_str(message).unwrap_or_default();
    serde_json::json!({"type": "messageReceived", "messageId": body["messageId"]}).to_string()
}

fn answer(path: &str, body: &str) -> String {
    match path {
        "guests" => r#"{"webchatInstanceId":"g1","token":"t1","expiresIn":1800}"#.to_owned(),
        "messages" => ack(body),
        _ => r#"{"messages":[],"more":false}"#.to_owned(),
    }
}

async fn read_head(io: &mut DuplexStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(io.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn read_frame(io: &mut DuplexStream) -> io::Result<(u8, Vec<u8>)> {
    let opcode = io.read_u8().await? & 0x0f;
    let length = match io.read_u8().await? & 0x7f {
        126 => usize::from(io.read_u16().await?),
        length => usize::from(length),
    };
    let mut mask = [0; 4];
    io.read_exact(&mut mask).await?;
    let mut payload = vec![0; length];
    io.read_exact(&mut payload).await?;
    for (byte, mask) in payload.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
    Ok((opcode, payload))
}

async fn write_frame(io: &mut DuplexStream, opcode: u8, payload: &[u8]) -> io::Result<()> {
    io.write_all(&frame(opcode, payload)).await
}

fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("the peer's frames are short");
    assert!(length < 126, "the peer's frames are short");
    [&[0x80 | opcode, length], payload].concat()
}

/// The client's end of a connection in memory.
#[derive(Debug)]
struct Io(DuplexStream);

impl AsyncRead for Io {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Io {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl ActixStream for Io {
    fn poll_read_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::READABLE))
    }

    fn poll_write_ready(&self, _: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        Poll::Ready(Ok(Ready::WRITABLE))
    }
}
