//! Each server-side oracle accuses who breaks its promise, and nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use super::harness::{Guest, Hand, Served, Socket, message};

const SECOND: Duration = Duration::from_secs(1);

async fn opened() -> (Served, Hand, Guest, Socket) {
    let (mock, hand) = Served::on_our_clock();
    let guest = mock.guest().await;
    let socket = mock.socket(&guest).await;
    (mock, hand, guest, socket)
}

/// Which oracles are violated, and how often each.
async fn violated(mock: &Served) -> Vec<(String, u64)> {
    let verdict = mock.get("verdict").await;
    let oracles = verdict["oracles"].as_array().unwrap().iter();
    let violated: Vec<_> = oracles
        .filter(|oracle| oracle["says"] == "violated")
        .map(|oracle| (oracle["id"].to_string(), oracle["violations"].as_u64().unwrap()))
        .map(|(id, count)| (id.trim_matches('"').to_owned(), count))
        .collect();
    assert_eq!(verdict["passed"], violated.is_empty());
    violated
}

fn one(id: &str) -> Vec<(String, u64)> {
    vec![(id.to_owned(), 1)]
}

#[actix_web::test]
async fn a_client_that_does_all_as_it_should_passes() {
    let (mock, hand, guest, mut socket) = opened().await;
    mock.arm(json!({"kind": "ack-dropped-after-accept", "endpoint": "messages", "nth": 2})).await;
    mock.arm(
        json!({"kind": "answer", "status": 429, "retryAfter": 2, "endpoint": "messages", "nth": 4}),
    )
    .await;
    socket.send("m1").await;
    socket.ack("m1").await;
    socket.send("m2").await;
    hand.advance(5 * SECOND);
    socket.send("m2").await;
    socket.ack("m2").await;
    assert_eq!(mock.send(&guest, "m3").await.unwrap().status, 429);
    hand.advance(2 * SECOND);
    assert_eq!(mock.send(&guest, "m3").await.unwrap().status, 200);
    // The same words twice, both acknowledged, are two messages.
    let ok = |id: &str| message("m1").replace("\"m1\"", &format!("\"{id}\""));
    for id in ["m4", "m5"] {
        let text = ok(id);
        futures_util::SinkExt::send(&mut socket.0, actix_http::ws::Message::Text(text.into()))
            .await
            .unwrap();
        socket.ack(id).await;
    }
    mock.post("sockets/close", json!({"code": 1006})).await;
    assert_eq!(socket.end().await, 1006);
    for wait in [1, 3, 7] {
        hand.advance(wait * SECOND);
        let mut socket = mock.socket(&guest).await;
        mock.post("sockets/close", json!({"code": 1006})).await;
        assert_eq!(socket.end().await, 1006);
    }
    hand.advance(60 * SECOND);
    assert_eq!(violated(&mock).await, []);
}

#[actix_web::test]
async fn a_message_that_never_comes_again_is_lost() {
    let (mock, hand, guest, mut socket) = opened().await;
    mock.arm(json!({"kind": "ack-dropped-before-accept", "endpoint": "messages", "nth": 1})).await;
    mock.arm(json!({"kind": "answer", "status": 503, "endpoint": "messages", "nth": 2})).await;
    socket.send("m1").await;
    socket.send("m2").await;
    socket.json().await;
    let verdict = mock.get("verdict").await;
    assert_eq!(verdict["passed"], true, "there is still time");
    hand.advance(31 * SECOND);
    assert_eq!(violated(&mock).await, [("no-loss".to_owned(), 2)]);
    mock.send(&guest, "m1").await.unwrap();
    socket.send("m2").await;
    socket.ack("m2").await;
    // Both come again, late, and in order; that they do is all that counts.
    assert_eq!(violated(&mock).await, []);
}

#[actix_web::test]
async fn a_message_refused_for_good_is_not_lost() {
    let (mock, hand, guest, _) = opened().await;
    let huge = message("m1").replace("text of m1", &"x".repeat(5000));
    let bearer = format!("Bearer {}", guest.token);
    let headers = [("Authorization", bearer.as_str())];
    let path = guest.path("messages");
    let answer = mock.ask(actix_web::http::Method::POST, &path, &headers, &huge).await.unwrap();
    assert_eq!(answer.status, 413);
    hand.advance(60 * SECOND);
    assert_eq!(violated(&mock).await, []);
}

#[actix_web::test]
async fn the_same_message_under_another_id_is_a_duplicate() {
    let (mock, hand, guest, mut socket) = opened().await;
    mock.arm(json!({"kind": "ack-dropped-after-accept", "endpoint": "messages", "nth": 1})).await;
    socket.send("m1").await;
    hand.advance(5 * SECOND);
    let again = message("m1").replace("\"m1\"", "\"m7\"");
    let bearer = format!("Bearer {}", guest.token);
    let headers = [("Authorization", bearer.as_str())];
    let path = guest.path("messages");
    mock.ask(actix_web::http::Method::POST, &path, &headers, &again).await.unwrap();
    assert_eq!(violated(&mock).await, one("no-duplicate"));
}

#[actix_web::test]
async fn a_later_message_that_overtakes_is_told() {
    let (mock, _, guest, mut socket) = opened().await;
    mock.arm(json!({"kind": "ack-dropped-before-accept", "endpoint": "messages", "nth": 1})).await;
    for id in ["m1", "m2", "m1"] {
        socket.send(id).await;
    }
    socket.ack("m2").await;
    socket.ack("m1").await;
    assert_eq!(mock.stored(&guest).await, ["m2", "m1"]);
    let verdict = mock.get("verdict").await;
    assert_eq!(verdict["violations"][0]["guest"], *guest.id);
    assert_eq!(violated(&mock).await, one("in-order"));
}

#[actix_web::test]
async fn who_comes_back_too_early_is_told_on_both_roads() {
    let (mock, hand, guest, mut socket) = opened().await;
    mock.arm(json!({"kind": "answer", "status": 429, "retryAfter": 5, "count": 2})).await;
    mock.send(&guest, "m1").await.unwrap();
    hand.advance(4 * SECOND);
    socket.send("m1").await;
    socket.json().await;
    assert_eq!(violated(&mock).await, one("retry-after"));
    hand.advance(4 * SECOND);
    mock.send(&guest, "m1").await.unwrap();
    assert_eq!(violated(&mock).await, [("retry-after".to_owned(), 2)]);
}

#[actix_web::test]
async fn a_date_holds_on_the_clock_that_named_it_on_both_roads() {
    for by_socket in [false, true] {
        for (waited_ms, says) in [(5400, one("retry-after")), (5500, vec![])] {
            let (mock, hand, guest, mut socket) = opened().await;
            // Half past a second: a date has whole ones, so that this one is 5.5 s ahead.
            hand.advance(SECOND / 2);
            mock.arm(json!({"kind": "answer", "status": 429, "retryAfter": "date 5s", "count": 1}))
                .await;
            let date = if by_socket {
                socket.send("m1").await;
                socket.json().await["retryAfter"].as_str().unwrap().to_owned()
            } else {
                let answer = mock.send(&guest, "m1").await.unwrap();
                answer.header("retry-after").unwrap().to_owned()
            };
            assert_eq!(date, "Tue, 14 Nov 2023 22:13:26 GMT");
            hand.advance(Duration::from_millis(waited_ms));
            assert_eq!(mock.send(&guest, "m1").await.unwrap().status, 200);
            assert_eq!(violated(&mock).await, says, "{waited_ms} ms, by socket: {by_socket}");
        }
    }
}

#[actix_web::test]
async fn a_date_that_has_passed_asks_for_no_wait() {
    let (mock, _, guest, _socket) = opened().await;
    let past = "Tue, 14 Nov 2023 22:13:19 GMT";
    mock.arm(json!({"kind": "answer", "status": 503, "retryAfter": past, "count": 1})).await;
    let answer = mock.send(&guest, "m1").await.unwrap();
    assert_eq!(answer.header("retry-after"), Some(past));
    assert_eq!(mock.send(&guest, "m1").await.unwrap().status, 200);
    assert_eq!(violated(&mock).await, []);
}

#[actix_web::test]
async fn who_hammers_or_dials_in_lockstep_is_told() {
    for (waits, violated_by) in [
        ([100, 100, 200, 300], one("backoff")),
        ([5000; 4], one("backoff")),
        ([1000, 900, 1800, 4200], vec![]),
    ] {
        let (mock, hand) = Served::on_our_clock();
        let guest = mock.guest().await;
        mock.arm(json!({"kind": "answer", "status": 503, "endpoint": "socket"})).await;
        assert!(mock.try_socket(&guest).await.is_err());
        for wait in waits {
            hand.advance(Duration::from_millis(wait));
            assert!(mock.try_socket(&guest).await.is_err());
        }
        assert_eq!(violated(&mock).await, violated_by, "{waits:?}");
    }
}

#[actix_web::test]
async fn two_sockets_for_longer_than_a_hand_over_are_told() {
    let (mock, hand, guest, first) = opened().await;
    let second = mock.socket(&guest).await;
    hand.advance(SECOND);
    assert_eq!(violated(&mock).await, []);
    hand.advance(SECOND);
    assert_eq!(violated(&mock).await, one("one-socket"));
    drop((first, second));
}

#[actix_web::test]
async fn a_clock_that_does_not_run_judges_no_times() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let sockets = (mock.socket(&guest).await, mock.socket(&guest).await);
    mock.post("clock/advance", json!({"by": "1h"})).await;
    let verdict = mock.get("verdict").await;
    let says: Vec<&Value> =
        verdict["oracles"].as_array().unwrap().iter().map(|oracle| &oracle["says"]).collect();
    assert_eq!(says[0], "holds");
    assert!(says[5].as_str().unwrap().starts_with("not judged"), "{says:?}");
    drop(sockets);
}
