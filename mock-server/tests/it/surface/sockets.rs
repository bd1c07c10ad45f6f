//! The socket: who gets in, what it speaks, and every way it ends.

use std::time::Duration;

use actix_http::ws::{CloseCode, Frame, Item, Message};
use futures_util::SinkExt;
use holdline_mock_server::{CloudConfig, CloudEvent, End, Route};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{Guest, Mock, Socket, assert_like_fixture, fixture, message};

#[actix_web::test]
async fn the_token_travels_in_three_ways() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let path = guest.websocket();

    let mut by_header = mock.socket(&guest).await;
    by_header.send(&message("m1")).await;
    by_header.ack("m1").await;

    let query = mock.url(&format!("{path}?token={}", guest.token));
    let mut by_query = Socket::new(mock.http.ws(query).connect().await.unwrap().1);
    by_query.send(&message("m2")).await;
    by_query.ack("m2").await;

    for (offer, chosen) in [
        (vec![guest.token.as_str()], guest.token.as_str()),
        (vec!["holdline", guest.token.as_str()], "holdline"),
    ] {
        let request = mock.http.ws(mock.url(&path)).protocols(offer);
        let (response, _socket) = request.connect().await.unwrap();
        assert_eq!(response.headers().get("sec-websocket-protocol").unwrap(), chosen);
    }
    assert_eq!(mock.ids(&guest), ["m1", "m2"]);
}

#[actix_web::test]
async fn a_lenient_cloud_needs_no_token_but_refuses_a_wrong_one() {
    let config = CloudConfig { strict_socket_auth: false, ..CloudConfig::default() };
    let mock = Mock::with(config);
    let guest = mock.guest().await;
    let (_, socket) = mock.http.ws(mock.url(&guest.websocket())).connect().await.unwrap();
    let mut socket = Socket::new(socket);
    socket.send(&message("m1")).await;
    socket.ack("m1").await;
    mock.get(&guest.websocket(), Some("made-up")).await.assert_refused(401, "token.unknown");
    let path = format!("{}?token=made-up", guest.websocket());
    mock.get(&path, None).await.assert_refused(401, "token.unknown");
}

#[actix_web::test]
async fn messages_go_both_ways_and_history_agrees() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    assert_eq!(mock.cloud.open_sockets(), 1);
    let body = fixture("message.frame");
    socket.send(&body.to_string()).await;
    socket.ack(body["messageId"].as_str().unwrap()).await;
    assert_eq!(mock.cloud.conversation(&guest.instance)[0].route, Route::Socket);

    assert_eq!(mock.cloud.agent_says(None, "How can I help?"), Ok(1));
    let said = socket.json().await;
    assert_like_fixture(&said, "agent-message.frame");
    let history = mock.get(&guest.messages(), Some(&guest.token)).await;
    assert_eq!(history.body["messages"][0], said);

    socket.0.send(Message::Close(Some(CloseCode::Normal.into()))).await.unwrap();
    assert_eq!(socket.close_code().await, 1000);
    mock.event(|event| matches!(event, CloudEvent::SocketClosed { socket: 1, .. })).await;
    assert_eq!(mock.cloud.open_sockets(), 0);
}

#[actix_web::test]
async fn refusals_are_frames() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    socket
        .send(&format!(r#"{{"type":"message","content":"{}","messageId":"m0"}}"#, "x".repeat(4097)))
        .await;
    assert_like_fixture(&socket.json().await, "error.frame");
    socket.send("not json").await;
    assert_like_fixture(&socket.json().await, "error-without-message-id.frame");
    for id in ["m1", "m2", "m3"] {
        socket.send(&message(id)).await;
    }
    socket.ack("m1").await;
    socket.ack("m2").await;
    let refused = socket.json().await;
    assert_like_fixture(&refused, "error-rate-limited.frame");
    assert_eq!(refused["messageId"], "m3");
}

#[actix_web::test]
async fn an_open_socket_outlives_its_token_but_not_its_guest() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.cloud.expire_tokens();
    socket.send(&message("m1")).await;
    socket.ack("m1").await;
    mock.cloud.forget_guests();
    assert_eq!(socket.close_code().await, 1000);
}

#[actix_web::test]
async fn a_ping_is_answered_with_its_payload() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    socket.0.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(socket.frame().await, Frame::Pong("are you there".into()));
}

#[actix_web::test]
async fn fragments_are_put_together_with_a_ping_between() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let text = message("m1");
    let (head, rest) = text.split_at(10);
    let (middle, tail) = rest.split_at(10);
    let first = Item::FirstText(head.to_owned().into());
    socket.0.send(Message::Continuation(first)).await.unwrap();
    socket.0.send(Message::Ping("x".into())).await.unwrap();
    assert_eq!(socket.frame().await, Frame::Pong("x".into()));
    let next = Item::Continue(middle.to_owned().into());
    socket.0.send(Message::Continuation(next)).await.unwrap();
    let last = Item::Last(tail.to_owned().into());
    socket.0.send(Message::Continuation(last)).await.unwrap();
    socket.ack("m1").await;
}

#[actix_web::test]
async fn what_is_not_spoken_is_closed_with_its_code() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let too_long = "x".repeat(32 * 1024 + 1);
    let cases = [
        (vec![Message::Binary("bytes".into())], 1003),
        (vec![Message::Continuation(Item::FirstBinary("bytes".into()))], 1003),
        (vec![Message::Text(too_long.into())], 1009),
        (
            vec![
                Message::Continuation(Item::FirstText(vec![0xff].into())),
                Message::Continuation(Item::Last("".into())),
            ],
            1007,
        ),
    ];
    for (messages, code) in cases {
        let mut socket = mock.socket(&guest).await;
        for message in messages {
            socket.0.send(message).await.unwrap();
        }
        assert_eq!(socket.close_code().await, code);
    }
    let mut socket = mock.socket(&guest).await;
    let piece = "x".repeat(32 * 1024);
    let first = Item::FirstText(piece.clone().into());
    socket.0.send(Message::Continuation(first)).await.unwrap();
    for _ in 0..4 {
        let next = Item::Continue(piece.clone().into());
        socket.0.send(Message::Continuation(next)).await.unwrap();
    }
    assert_eq!(socket.close_code().await, 1009);
}

#[actix_web::test]
async fn the_cloud_closes_with_every_code() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    for code in [1000, 1001, 1005, 1008, 1011, 4401] {
        let mut socket = mock.socket(&guest).await;
        mock.cloud.close_sockets(End::Code(code, "because".to_owned()));
        assert_eq!(socket.close_code().await, code);
        socket.0.send(Message::Close(None)).await.unwrap();
        mock.event(|event| matches!(event, CloudEvent::SocketClosed { .. })).await;
    }
    for end in [End::Drop, End::Code(1006, String::new())] {
        let mut socket = mock.socket(&guest).await;
        mock.cloud.close_sockets(end);
        socket.assert_dropped().await;
        mock.event(|event| matches!(event, CloudEvent::SocketClosed { .. })).await;
    }
    assert_eq!(mock.cloud.open_sockets(), 0);
}

#[actix_web::test]
async fn a_reason_of_any_length_fits_a_close_frame() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.cloud.close_sockets(End::Code(1011, "é".repeat(200)));
    let Frame::Close(Some(reason)) = socket.frame().await else { panic!("no close frame") };
    assert_eq!(reason.description, Some("é".repeat(61)));
}

#[actix_web::test]
async fn a_silent_socket_is_closed_when_asked_for() {
    let config =
        CloudConfig { socket_idle_timeout: Some(Duration::ZERO), ..CloudConfig::default() };
    let mock = Mock::with(config);
    let guest = mock.guest().await;
    assert_eq!(mock.socket(&guest).await.close_code().await, 1001);
}

/// Shakes hands without a library between the test and the bytes.
async fn raw_handshake(mock: &Mock, guest: &Guest, version: u8) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(mock.address).await.unwrap();
    let head = format!(
        "GET {}?token={} HTTP/1.1\r\nHost: cloud\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        guest.websocket(),
        guest.token,
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(answer).unwrap().to_ascii_lowercase())
}

async fn raw_socket(mock: &Mock, guest: &Guest) -> TcpStream {
    let (stream, answer) = raw_handshake(mock, guest, 13).await;
    assert!(answer.starts_with("http/1.1 101 "), "{answer}");
    stream
}

/// A final text frame under a mask of zeros, which leaves the payload as it is.
fn raw_text(payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(payload);
    frame
}

#[actix_web::test]
async fn bytes_that_break_the_protocol_are_closed_with_their_code() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let gigabyte = [&[0x81, 0xff], &(1_u64 << 30).to_be_bytes()[..], &[0; 4], b"the first bytes"];
    let cases: [(&str, Vec<u8>, u16); 5] = [
        ("announced too long", gigabyte.concat(), 1009),
        ("not UTF-8", raw_text(&[0xc3, 0x28]), 1007),
        ("not masked", vec![0x81, 0x02, b'h', b'i'], 1002),
        ("reserved bits", vec![0xf1, 0x80, 0, 0, 0, 0], 1002),
        ("unknown opcode", vec![0x83, 0x80, 0, 0, 0, 0], 1002),
    ];
    for (name, bytes, code) in cases {
        let mut stream = raw_socket(&mock, &guest).await;
        stream.write_all(&bytes).await.unwrap();
        let mut head = [0; 4];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(head[0], 0x88, "{name}");
        assert_eq!(u16::from_be_bytes([head[2], head[3]]), code, "{name}");
    }
}

#[actix_web::test]
async fn a_message_right_before_the_end_of_the_connection_is_stored() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut stream = raw_socket(&mock, &guest).await;
    stream.write_all(&raw_text(message("m1").as_bytes())).await.unwrap();
    drop(stream);
    mock.event(|event| matches!(event, CloudEvent::SocketClosed { .. })).await;
    assert_eq!(mock.ids(&guest), ["m1"]);
}

#[actix_web::test]
async fn a_wrong_version_is_told_the_right_one() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let (_, answer) = raw_handshake(&mock, &guest, 12).await;
    assert!(answer.starts_with("http/1.1 426 "), "{answer}");
    assert!(answer.contains("\r\nsec-websocket-version: 13\r\n"), "{answer}");
}
