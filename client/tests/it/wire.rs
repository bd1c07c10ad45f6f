//! Bodies and frames as text: what is read, and that nothing odd is read as something good.

use bytes::Bytes;
use holdline_client::core::credentials::Issued;
use holdline_client::core::profile::articles::codec;
use holdline_client::core::request_error::RequestError;
use holdline_client::core::session::Incoming;
use holdline_client::{GuestProfile, Inbound, Notice};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(7);

fn frame(body: &Value) -> Incoming {
    codec::frame(&Bytes::from(body.to_string()))
}

#[test]
fn requests_are_what_article_000_sends() {
    let guest: Value = serde_json::from_str(&codec::guest_body(&GuestProfile::default())).unwrap();
    let profile = json!({"email": "anonymous@local", "firstName": "Guest", "lastName": "User"});
    assert_eq!(guest, json!({"guest": profile}));
    let message: Value = serde_json::from_str(&codec::message_body(ID, "a \"b\"\n")).unwrap();
    let expected = json!({"type": "message", "content": "a \"b\"\n", "messageId": ID.to_string()});
    assert_eq!(message, expected);
}

#[test]
fn frames_are_told_apart() {
    let ack = json!({"type": "messageReceived", "messageId": ID.to_string()});
    assert_eq!(frame(&ack), Incoming::Ack { id: ID });
    let message = json!({"type": "message", "content": "hi", "messageId": "a1", "sequence": 3});
    let inbound = Inbound { id: "a1".into(), sequence: Some(3), text: "hi".into() };
    assert_eq!(frame(&message), Incoming::Message(inbound));
    let error = json!({"type": "error", "status": 429, "code": "rate.limited", "message": "slow",
        "messageId": ID.to_string(), "retryAfter": 2});
    let retry_after = Some("2".to_owned());
    let fault = RequestError::Status { status: 429, code: "rate.limited".into(), retry_after };
    assert_eq!(frame(&error), Incoming::Error { id: Some(ID), fault });
    let unknown = Incoming::Odd(Notice::UnknownFrame("typing".into()));
    assert_eq!(frame(&json!({"type": "typing"})), unknown);
}

#[test]
fn odd_frames_are_reported() {
    for odd in [
        json!(null),
        json!({}),
        json!({"type": 1}),
        json!({"type": "messageReceived"}),
        json!({"type": "messageReceived", "messageId": "not-a-uuid"}),
        json!({"type": "message", "content": "neither id nor sequence"}),
        json!({"type": "message", "content": 1, "messageId": "a1"}),
        json!({"type": "error", "code": "no status"}),
        json!({"type": "error", "status": 70_000}),
    ] {
        let read = frame(&odd);
        assert!(matches!(read, Incoming::Odd(Notice::MalformedFrame(_))), "{odd}: {read:?}");
    }
}

#[test]
fn guests_are_read_and_unusable_ones_refused() {
    let body = json!({"webchatInstanceId": "g-1", "token": "t", "expiresIn": 1800});
    let issued = Issued { instance: "g-1".into(), token: "t".into(), expires_in_s: Some(1_800) };
    assert_eq!(codec::issued(body.to_string().as_bytes()), Ok(issued.clone()));
    for odd in [json!(null), json!("1800"), json!(-1), json!(0.5)] {
        let body = json!({"webchatInstanceId": "g-1", "token": "t", "expiresIn": odd});
        let without = Issued { expires_in_s: None, ..issued.clone() };
        assert_eq!(codec::issued(body.to_string().as_bytes()), Ok(without));
    }
    for (instance, token) in [("", "t"), ("..", "t"), ("a/b", "t"), ("g", ""), ("g", "t\r\nX: y")] {
        let body = json!({"webchatInstanceId": instance, "token": token, "expiresIn": 1});
        assert_eq!(codec::issued(body.to_string().as_bytes()), Err(RequestError::Malformed));
    }
}

#[test]
fn only_the_very_acknowledgement_counts() {
    let ack = |id: Uuid| json!({"type": "messageReceived", "messageId": id}).to_string();
    assert_eq!(codec::acknowledged(ack(ID).as_bytes(), ID), Ok(()));
    let other = ack(Uuid::from_u128(8));
    for body in [other.as_str(), "{}", "<html>please log in to the hotel network</html>", ""] {
        assert_eq!(
            codec::acknowledged(body.as_bytes(), ID),
            Err(RequestError::Malformed),
            "{body}"
        );
    }
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/wire/", $name, ".json")).as_bytes()
    };
}

#[test]
fn the_payloads_both_sides_are_held_to_are_read() {
    let sent: Value = serde_json::from_slice(fixture!("create-guest.request")).unwrap();
    let ours: Value = serde_json::from_str(&codec::guest_body(&GuestProfile::default())).unwrap();
    assert_eq!(ours, sent);
    for issued in [fixture!("create-guest.response"), fixture!("refresh.response")] {
        assert!(codec::issued(issued).is_ok_and(|issued| issued.expires_in_s.is_some()));
    }
    let sent: Value = serde_json::from_slice(fixture!("message.request")).unwrap();
    let id: Uuid = sent["messageId"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let text = sent["content"].as_str().expect("a text");
    let ours: Value = serde_json::from_str(&codec::message_body(id, text)).unwrap();
    assert_eq!(ours, sent);
    assert_eq!(codec::acknowledged(fixture!("message.response"), id), Ok(()));
    let page = codec::page(fixture!("history.response")).expect("a page");
    assert!(page.messages.iter().all(|message| message.sequence.is_some()));
    assert_eq!(codec::code(fixture!("error.token.expired")), "token.expired");
    let read = |body: &'static [u8]| codec::frame(&Bytes::from_static(body));
    assert!(matches!(read(fixture!("agent-message.frame")), Incoming::Message(_)));
    assert!(matches!(read(fixture!("message-received.frame")), Incoming::Ack { .. }));
    assert!(matches!(read(fixture!("error.frame")), Incoming::Error { id: Some(_), .. }));
    let without = read(fixture!("error-without-message-id.frame"));
    assert!(matches!(without, Incoming::Error { id: None, .. }));
    let limited = read(fixture!("error-rate-limited.frame"));
    let Incoming::Error { fault: RequestError::Status { retry_after, .. }, .. } = limited else {
        panic!("{limited:?}");
    };
    assert_eq!(retry_after.as_deref(), Some("1"));
}

proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text: String, bytes: Vec<u8>) {
        for body in [text.as_bytes(), bytes.as_slice()] {
            let _ = codec::frame(&Bytes::copy_from_slice(body));
            let _ = (codec::issued(body), codec::page(body), codec::code(body));
        }
    }
}
