//! What an event had on the wire, as bytes that Wireshark decodes: HTTP/1.1, then WebSocket.
//!
//! The log has the meaning and not the bytes: headers, tokens and texts are stand-ins, a message is
//! its name. What was asked, answered and said is true.

use std::fmt::Write as _;

use serde_json::{Value, json};

use holdline_sim::trace::Message;
use holdline_sim::trace::event::{Endpoint, Frame};

/// RFC 6455, 5.2.
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
/// The last frame of its message.
const FIN: u8 = 0x80;
/// Whoever connects masks; with a mask of zeros, a text stays readable.
const MASKED: u8 = 0x80;
/// A payload that is longer has its length in two more bytes,
const SHORT_MAX: usize = 125;
/// and this in place of it.
const EXTENDED: u8 = 0x7E;

pub(super) fn request(endpoint: Endpoint, message: Option<&Message>) -> Vec<u8> {
    let (method, path) = match endpoint {
        Endpoint::Guests => ("POST", "/api/v2/webchat/guests"),
        Endpoint::Refresh => ("POST", "/api/v2/conversations/messaging/guests"),
        Endpoint::Socket => ("GET", "/api/v2/webchat/instances/guest/websocket"),
        Endpoint::Messages => ("POST", "/api/v2/webchat/instances/guest/messages"),
        Endpoint::History => ("GET", "/api/v2/webchat/instances/guest/messages"),
        Endpoint::Other => ("GET", "/"),
    };
    let headers = match endpoint {
        Endpoint::Socket => {
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        }
        _ => "",
    };
    let body = message.map(|message| json!({ "type": "message", "messageId": message }));
    http(&format!("{method} {path} HTTP/1.1\r\nHost: cloud\r\n{headers}"), body, method == "POST")
}

pub(super) fn answer(status: u16, retry_after: Option<&str>, message: Option<&Message>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    if let Some(after) = retry_after {
        let _ = write!(head, "Retry-After: {after}\r\n");
    }
    if status == 101 {
        head += "Connection: Upgrade\r\nUpgrade: websocket\r\n\
                 Sec-WebSocket-Accept: ICX+Yqv66kxgM0FcWaLWlFLwTAI=\r\n";
        return http(&head, None, false);
    }
    http(&head, message.map(|message| json!({ "messageId": message })), true)
}

/// `masked`: it comes from whoever connected.
pub(super) fn frame(frame: &Frame, masked: bool) -> Vec<u8> {
    let (opcode, payload) = match frame {
        Frame::Ping => (PING, Vec::new()),
        Frame::Pong => (PONG, Vec::new()),
        Frame::Close(code) => (CLOSE, code.map_or_else(Vec::new, |code| code.to_be_bytes().into())),
        Frame::Message(id) | Frame::Agent(id) => {
            (TEXT, text(&json!({ "type": "message", "messageId": id })))
        }
        Frame::Ack(id) => (TEXT, text(&json!({ "type": "messageReceived", "messageId": id }))),
        Frame::Error { status, code, message, retry_after } => {
            let error = json!({
                "type": "error", "status": status, "code": code, "messageId": message,
                "retryAfter": retry_after,
            });
            (TEXT, text(&error))
        }
        Frame::Other(beginning) => (TEXT, beginning.clone().into_bytes()),
    };
    let mask = if masked { MASKED } else { 0 };
    let mut bytes = vec![FIN | opcode];
    match u16::try_from(payload.len()) {
        Ok(length) if payload.len() > SHORT_MAX => {
            bytes.push(mask | EXTENDED);
            bytes.extend(length.to_be_bytes());
        }
        length => bytes.push(mask | length.unwrap_or(0) as u8),
    }
    if masked {
        bytes.extend([0; 4]);
    }
    bytes.extend(payload);
    bytes
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

fn http(head: &str, body: Option<Value>, has_length: bool) -> Vec<u8> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let length = if has_length || !body.is_empty() {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    } else {
        String::new()
    };
    format!("{head}{length}\r\n{body}").into_bytes()
}

fn reason(status: u16) -> &'static str {
    actix_http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("")
}
