//! Every fault, on every kind of request it has a meaning for.

use std::time::Duration;

use awc::error::{SendRequestError, WsClientError};
use holdline_mock_server::faults::{
    AckDelayed, AckDoubled, AckDroppedAfterAccept, AckDroppedBeforeAccept, Answer, Close,
    SwallowHandshake,
};
use holdline_mock_server::{CloudEvent, Endpoint, FaultRule, RetryAfter};

use super::harness::{GUESTS, Mock, OAUTH, REFRESH, Socket, message};

const PROFILE: &str = r#"{"guest":{}}"#;

fn answer(status: u16, retry_after: RetryAfter) -> Answer {
    Answer { status, retry_after }
}

#[actix_web::test]
async fn another_answer_is_given_everywhere() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    mock.arm(answer(503, RetryAfter::Absent), Endpoint::Guests);
    let refused = mock.post(GUESTS, Some(OAUTH), PROFILE).await;
    refused.assert_refused(503, "service.unavailable");
    assert_eq!(refused.header("retry-after"), None);

    mock.arm(answer(429, RetryAfter::Seconds(7)), Endpoint::Refresh);
    let refused = mock.post(REFRESH, Some(&guest.token), "").await;
    refused.assert_refused(429, "rate.limited");
    assert_eq!(
        (refused.header("retry-after"), &refused.body["retryAfter"]),
        (Some("7"), &7.into())
    );

    mock.arm(answer(503, RetryAfter::Date(Duration::from_secs(9))), Endpoint::History);
    let refused = mock.get(&guest.messages(), Some(&guest.token)).await;
    assert_eq!(refused.header("retry-after"), Some("Tue, 14 Nov 2023 22:13:29 GMT"));

    mock.arm(answer(429, RetryAfter::Raw("soon".to_owned())), Endpoint::Messages);
    let refused = mock.post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert_eq!(refused.header("retry-after"), Some("soon"));

    mock.arm(answer(502, RetryAfter::Absent), Endpoint::Socket);
    let handshake = mock.http.ws(mock.url(&guest.websocket())).bearer_auth(&guest.token);
    let error = handshake.connect().await.map(|_| ()).unwrap_err();
    assert!(matches!(error, WsClientError::InvalidResponseStatus(status) if status == 502));
    assert!(mock.ids(&guest).is_empty());
    assert_eq!(mock.cloud.guests().len(), 1);
}

#[actix_web::test]
async fn another_answer_on_a_socket_is_an_error_frame() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(answer(429, RetryAfter::Seconds(7)), Endpoint::Messages);
    socket.send(&message("m1")).await;
    let frame = socket.json().await;
    let expected = serde_json::json!({
        "type": "error", "status": 429, "code": "rate.limited", "retryAfter": 7,
        "message": frame["message"], "messageId": "m1",
    });
    assert_eq!(frame, expected);
    let fired = mock.event(|event| matches!(event, CloudEvent::FaultFired { .. })).await;
    assert_eq!(
        fired,
        CloudEvent::FaultFired { kind: "answer", name: "answer 429 retry-after 7".to_owned() }
    );
    let refused = mock.event(|event| matches!(event, CloudEvent::MessageRefused { .. })).await;
    let expected = CloudEvent::MessageRefused {
        guest: guest.instance.clone(),
        message_id: Some("m1".to_owned()),
        code: "rate.limited".to_owned(),
    };
    assert_eq!(refused, expected);
    socket.send(&message("m1")).await;
    socket.ack("m1").await;
}

#[actix_web::test]
async fn a_swallowed_handshake_is_never_answered() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    mock.arm(SwallowHandshake {}, Endpoint::Any);
    let sent = mock.post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert_eq!(sent.status, 200, "the fault has no meaning for a message");
    let request = mock.http.get(mock.url(&guest.websocket())).bearer_auth(&guest.token);
    mock.assert_unanswered(request.send()).await;
    let mut socket = mock.socket(&guest).await;
    socket.send(&message("m2")).await;
    socket.ack("m2").await;
}

#[actix_web::test]
async fn an_ack_is_dropped_before_the_message_is_accepted() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(AckDroppedBeforeAccept {}, Endpoint::Messages);
    socket.send(&message("m1")).await;
    socket.send(&message("m2")).await;
    socket.ack("m2").await;
    mock.arm(AckDroppedBeforeAccept {}, Endpoint::Messages);
    mock.post_into_silence(&guest.messages(), &guest.token, &message("m3")).await;
    assert_eq!(mock.ids(&guest), ["m2"]);
}

#[actix_web::test]
async fn an_ack_is_dropped_after_the_message_is_accepted() {
    let mut mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(AckDroppedAfterAccept {}, Endpoint::Messages);
    socket.send(&message("m1")).await;
    socket.send(&message("m1")).await;
    socket.ack("m1").await;
    mock.arm(AckDroppedAfterAccept {}, Endpoint::Messages);
    mock.post_into_silence(&guest.messages(), &guest.token, &message("m2")).await;
    assert_eq!(mock.ids(&guest), ["m1", "m2"]);
    mock.arm(AckDroppedAfterAccept {}, Endpoint::Guests);
    mock.post_into_silence(GUESTS, OAUTH, PROFILE).await;
    assert_eq!(mock.cloud.guests().len(), 2, "the guest exists, nobody was told");
}

#[actix_web::test]
async fn an_ack_comes_late_and_others_overtake_it() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(AckDelayed { by: Duration::from_millis(50) }, Endpoint::Messages);
    socket.send(&message("m1")).await;
    socket.send(&message("m2")).await;
    socket.ack("m2").await;
    socket.ack("m1").await;
    mock.advance(Duration::from_secs(1));
    mock.arm(AckDelayed { by: Duration::from_millis(50) }, Endpoint::Messages);
    let sent = mock.post(&guest.messages(), Some(&guest.token), &message("m3")).await;
    assert_eq!(sent.status, 200);
    assert_eq!(mock.ids(&guest), ["m1", "m2", "m3"]);
}

#[actix_web::test]
async fn an_ack_comes_twice() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    mock.arm(AckDoubled {}, Endpoint::Messages);
    let sent = mock.post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert_eq!(sent.status, 200, "a POST is neither hit nor counted");
    socket.send(&message("m2")).await;
    socket.ack("m2").await;
    socket.ack("m2").await;
    assert_eq!(mock.ids(&guest), ["m1", "m2"]);
}

#[actix_web::test]
async fn a_socket_is_closed_instead_of_a_message_handled() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    for code in [1000, 1001, 1008, 1011, 4401] {
        let mut socket = mock.socket(&guest).await;
        mock.arm(Close { code }, Endpoint::Messages);
        socket.send(&message("m1")).await;
        assert_eq!(socket.close_code().await, code);
    }
    let mut socket = mock.socket(&guest).await;
    mock.arm(Close { code: 1006 }, Endpoint::Messages);
    socket.send(&message("m1")).await;
    socket.assert_dropped().await;
    assert!(mock.ids(&guest).is_empty());
}

#[actix_web::test]
async fn a_handshake_is_completed_and_closed_at_once() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    for code in [1011, 4401] {
        mock.arm(Close { code }, Endpoint::Socket);
        assert_eq!(mock.socket(&guest).await.close_code().await, code);
    }
    mock.arm(Close { code: 1006 }, Endpoint::Socket);
    let request = mock.http.ws(mock.url(&guest.websocket())).bearer_auth(&guest.token);
    if let Ok((_, socket)) = request.connect().await {
        Socket::new(socket).assert_dropped().await;
    }
    assert_eq!(mock.cloud.open_sockets(), 0);
}

#[actix_web::test]
async fn a_rest_connection_is_dropped_without_an_answer() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    mock.arm(Close { code: 1006 }, Endpoint::Messages);
    let lost = mock.try_post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert!(!matches!(lost, Ok(_) | Err(SendRequestError::Timeout)));
    assert!(mock.ids(&guest).is_empty());
    mock.post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert_eq!(mock.ids(&guest), ["m1"]);
}

#[actix_web::test]
async fn a_fault_is_disarmed() {
    let mock = Mock::start();
    let rule = FaultRule::new(answer(503, RetryAfter::Absent));
    let first = mock.cloud.arm(rule.clone());
    mock.cloud.arm(rule);
    mock.post(GUESTS, Some(OAUTH), PROFILE).await.assert_refused(503, "service.unavailable");
    mock.cloud.disarm(first);
    mock.post(GUESTS, Some(OAUTH), PROFILE).await.assert_refused(503, "service.unavailable");
    mock.cloud.disarm_all();
    mock.guest().await;
}
