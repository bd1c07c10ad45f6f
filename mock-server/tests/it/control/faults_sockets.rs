//! Every fault of a handshake, a socket, an acknowledgement, and a frame.

use std::time::Duration;

use actix_http::ws::{Frame, Item, Message};
use futures_util::SinkExt;
use serde_json::{Value, json};

use super::harness::{Guest, Served, Socket};

async fn opened(fault: Value) -> (Served, Guest, Socket) {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(fault).await;
    let socket = mock.socket(&guest).await;
    (mock, guest, socket)
}

async fn refused(kind: &str) -> String {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": kind, "count": 1})).await;
    let error = mock.try_socket(&guest).await.err().unwrap();
    mock.socket(&guest).await.send("m1").await;
    error
}

#[actix_web::test]
async fn handshakes_that_a_client_must_fail() {
    assert!(refused("no-upgrade").await.contains("status"), "{}", refused("no-upgrade").await);
    let key = refused("wrong-accept-key").await;
    assert!(key.to_lowercase().contains("challenge"), "{key}");
    refused("reset").await;
    refused("hang-up").await;
}

#[actix_web::test]
async fn a_subprotocol_that_nobody_offered() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "unasked-protocol", "count": 1})).await;
    let request = mock.http.ws(mock.url(&guest.path("websocket"))).bearer_auth(&guest.token);
    let (response, _) = request.connect().await.unwrap();
    assert_eq!(response.headers().get("sec-websocket-protocol").unwrap(), "holdline-unasked");
}

#[actix_web::test]
async fn a_socket_that_never_says_a_word_takes_everything() {
    let (mock, guest, mut socket) = opened(json!({"kind": "silent-socket", "count": 1})).await;
    socket.send("m1").await;
    socket.0.send(Message::Ping("?".into())).await.unwrap();
    mock.post("agent/say", json!({"text": "hello"})).await;
    mock.post("sockets/close", json!({"code": 1000})).await;
    assert_eq!(socket.end().await, 1000, "only the close was ever heard");
    assert_eq!(mock.stored(&guest).await, ["m1"]);
}

#[actix_web::test]
async fn a_socket_is_cut_after_a_time_or_some_frames() {
    let cut = json!({"kind": "cut-after", "after": "1m", "code": 4000, "count": 1});
    let (mock, _, mut socket) = opened(cut).await;
    mock.post("clock/advance", json!({"by": "59s"})).await;
    socket.send("m1").await;
    socket.ack("m1").await;
    mock.post("clock/advance", json!({"by": "1s"})).await;
    assert_eq!(socket.end().await, 4000);

    let cut = json!({"kind": "cut-after-frames", "frames": 2, "count": 1});
    let (mock, guest, mut socket) = opened(cut).await;
    socket.send("m1").await;
    socket.ack("m1").await;
    socket.send("m2").await;
    assert_eq!(socket.end().await, 1006);
    assert_eq!(mock.stored(&guest).await, ["m1"]);
}

#[actix_web::test]
async fn a_socket_becomes_a_black_hole() {
    let (mock, guest, mut socket) =
        opened(json!({"kind": "black-hole-after", "after": "1m", "count": 1})).await;
    socket.send("m1").await;
    socket.ack("m1").await;
    mock.post("clock/advance", json!({"by": "1m"})).await;
    // Another socket proves that time enough has passed.
    let mut other = mock.socket(&guest).await;
    other.send("m2").await;
    other.ack("m2").await;
    socket.send("m3").await;
    mock.post("agent/say", json!({"text": "hello"})).await;
    assert_eq!(other.json().await["content"], "hello");
    let heard = tokio::time::timeout(Duration::from_millis(150), socket.next()).await;
    assert!(heard.is_err(), "{heard:?}");
    assert_eq!(mock.stored(&guest).await, ["m1", "m2"]);
}

#[actix_web::test]
async fn acks_are_wrong_late_or_cut_off() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(json!({"kind": "ack-wrong-id", "nth": 1})).await;
    socket.send("m1").await;
    assert_eq!(socket.json().await["messageId"], "nobody-sent-this");
    mock.arm(json!({"kind": "ack-without-id", "nth": 1})).await;
    socket.send("m2").await;
    assert_eq!(socket.json().await, json!({"type": "messageReceived"}));
    mock.arm(json!({"kind": "ack-reordered", "nth": 1})).await;
    socket.send("m3").await;
    socket.send("m4").await;
    socket.ack("m4").await;
    socket.ack("m3").await;
    mock.arm(json!({"kind": "cut-after-accept", "code": 1011, "nth": 1})).await;
    socket.send("m5").await;
    assert_eq!(socket.end().await, 1011);
    assert_eq!(mock.stored(&guest).await, ["m1", "m2", "m3", "m4", "m5"]);
}

#[actix_web::test]
async fn the_agents_messages_are_lost_doubled_late_and_reordered() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let say = |text: &'static str| mock.post("agent/say", json!({"text": text}));
    mock.arm(json!({"kind": "inbound-dropped", "nth": 1})).await;
    say("a1").await;
    say("a2").await;
    assert_eq!(socket.json().await["content"], "a2");
    mock.arm(json!({"kind": "inbound-doubled", "nth": 1})).await;
    say("a3").await;
    assert_eq!(socket.json().await["content"], "a3");
    assert_eq!(socket.json().await["content"], "a3");
    mock.arm(json!({"kind": "inbound-delayed", "by": "1m", "nth": 1})).await;
    say("a4").await;
    say("a5").await;
    assert_eq!(socket.json().await["content"], "a5");
    mock.post("clock/advance", json!({"by": "1m"})).await;
    assert_eq!(socket.json().await["content"], "a4");
    mock.arm(json!({"kind": "inbound-reordered", "nth": 1})).await;
    say("a6").await;
    say("a7").await;
    assert_eq!(socket.json().await["content"], "a7");
    assert_eq!(socket.json().await["content"], "a6");
    let history = mock.history(&guest).await.unwrap().json();
    assert_eq!(history["messages"].as_array().unwrap().len(), 7, "all of it is in the history");
}

/// The frames that come for one message under one fault.
async fn frames_of(kind: Value, count: usize) -> Vec<Frame> {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(kind).await;
    socket.send("m1").await;
    let mut frames = Vec::new();
    for _ in 0..count {
        frames.push(socket.next().await.unwrap());
    }
    frames
}

const ACK: &str = r#"{"type":"messageReceived","messageId":"m1"}"#;

#[actix_web::test]
async fn frames_of_every_wrong_kind() {
    let parts = frames_of(json!({"kind": "frame-fragmented", "parts": 3, "nth": 1}), 3).await;
    let mut whole = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let Frame::Continuation(Item::FirstText(bytes) | Item::Continue(bytes) | Item::Last(bytes)) =
            part
        else {
            panic!("{part:?}");
        };
        assert_eq!(matches!(part, Frame::Continuation(Item::Last(_))), place == 2);
        whole.extend_from_slice(bytes);
    }
    assert_eq!(whole, ACK.as_bytes());

    let huge = frames_of(json!({"kind": "frame-huge", "bytes": 100_000, "nth": 1}), 1).await;
    let Frame::Text(text) = &huge[0] else { panic!("{huge:?}") };
    assert!(text.len() == 100_000 && text.starts_with(ACK.as_bytes()));

    let half = frames_of(json!({"kind": "frame-not-json", "nth": 1}), 1).await;
    assert_eq!(half, [Frame::Text(ACK[..ACK.len() / 2].to_owned().into())]);

    let unknown = frames_of(json!({"kind": "frame-unknown-type", "nth": 1}), 2).await;
    let Frame::Text(text) = &unknown[0] else { panic!("{unknown:?}") };
    assert!(String::from_utf8_lossy(text).contains("holdline.unknown"));
    assert_eq!(unknown[1], Frame::Text(ACK.into()));

    let empty = frames_of(json!({"kind": "frame-empty", "nth": 1}), 2).await;
    assert_eq!(empty, [Frame::Text("".into()), Frame::Text(ACK.into())]);

    let binary = frames_of(json!({"kind": "frame-binary", "nth": 1}), 1).await;
    assert_eq!(binary, [Frame::Binary(ACK.into())]);

    let broken = frames_of(json!({"kind": "frame-not-utf8", "nth": 1}), 2).await;
    let Frame::Continuation(Item::Last(bytes)) = &broken[1] else { panic!("{broken:?}") };
    assert!(bytes.ends_with(&[0xc3, 0x28]));
}

#[actix_web::test]
async fn two_frames_leave_in_one_segment() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(json!({"kind": "frames-coalesced", "nth": 1})).await;
    socket.send("m1").await;
    let heard = tokio::time::timeout(Duration::from_millis(150), socket.next()).await;
    assert!(heard.is_err(), "{heard:?}");
    socket.send("m2").await;
    socket.ack("m1").await;
    socket.ack("m2").await;
}

#[actix_web::test]
async fn pings_are_ignored_or_answered_wrongly() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(json!({"kind": "ping-ignored", "nth": 1})).await;
    mock.arm(json!({"kind": "pong-wrong", "nth": 2})).await;
    for payload in ["1", "2", "3"] {
        socket.0.send(Message::Ping(payload.into())).await.unwrap();
    }
    assert_eq!(socket.next().await, Some(Frame::Pong("another".into())));
    assert_eq!(socket.next().await, Some(Frame::Pong("3".into())));
}

#[actix_web::test]
async fn a_held_network_lets_nothing_pass_until_it_is_released() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.post("network/hold", json!({})).await;
    socket.send("m1").await;
    let heard = tokio::time::timeout(Duration::from_millis(150), socket.next()).await;
    assert!(heard.is_err(), "{heard:?}");
    let dialled = tokio::time::timeout(Duration::from_millis(150), mock.try_socket(&guest)).await;
    assert!(dialled.is_err());
    assert!(mock.stored(&guest).await.is_empty());
    mock.post("network/release", json!({})).await;
    socket.ack("m1").await;
    mock.socket(&guest).await.send("m2").await;
}
