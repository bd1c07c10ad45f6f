//! Every fault of an answer over HTTP, of a token, of the whole cloud, and of a connection.

use std::time::Duration;

use actix_web::http::Method;
use serde_json::{Value, json};

use super::harness::{Guest, Served};
use crate::silence::never_comes;

/// The answer to a message after one fault was armed for it.
async fn bent(
    mock: &Served,
    guest: &Guest,
    fault: Value,
) -> Result<super::harness::Answer, String> {
    mock.arm(fault).await;
    mock.send(guest, "m1").await
}

fn post(guest: &Guest) -> String {
    let body = super::harness::message("m1");
    format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        guest.path("messages"),
        guest.token,
        body.len()
    )
}

#[actix_web::test]
async fn bodies_of_every_wrong_kind() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let once = |kind: &str| json!({"kind": kind, "count": 1});

    let html = bent(&mock, &guest, once("wrong-content-type")).await.unwrap();
    assert_eq!(html.header("content-type"), Some("text/html"));
    assert_eq!(html.json()["type"], "messageReceived");

    let half = bent(&mock, &guest, once("not-json")).await.unwrap();
    assert_eq!((half.status, half.json()), (200, Value::Null));
    assert!(half.text.starts_with("{\"type"), "{}", half.text);

    let empty = bent(&mock, &guest, once("empty-body")).await.unwrap();
    assert_eq!((empty.status, empty.text.as_str()), (200, ""));

    let wrong = bent(&mock, &guest, once("ack-wrong-id")).await.unwrap();
    assert_eq!(wrong.json()["messageId"], "nobody-sent-this");
    let without = bent(&mock, &guest, once("ack-without-id")).await.unwrap();
    assert_eq!(without.json(), json!({"type": "messageReceived"}));
    assert_eq!(mock.stored(&guest).await, ["m1"]);
}

#[actix_web::test]
async fn what_comes_too_fast_is_told_when_to_come_back() {
    let mock = Served::start();
    let (guest, other) = (mock.guest().await, mock.guest().await);
    // The clock stands still but for what is advanced.
    mock.control(Method::PUT, "clock", &json!({"speed": 0})).await;
    mock.arm(json!({"kind": "rate-limited", "rate": "10/min", "endpoint": "history"})).await;
    let read = async |guest: &Guest| {
        let token = format!("Bearer {}", guest.token);
        let headers = [("Authorization", token.as_str())];
        let answer = mock.ask(Method::GET, &guest.path("messages"), &headers, "").await.unwrap();
        (answer.status, answer.header("retry-after").map(str::to_owned))
    };
    let told = (429, Some("6".to_owned()));
    for _ in 0..10 {
        assert_eq!(read(&guest).await.0, 200);
    }
    assert_eq!(read(&guest).await, told);
    assert_eq!(read(&other).await.0, 200, "each guest is counted by itself");
    mock.post("clock/advance", json!({"by": "6s"})).await;
    assert_eq!(read(&guest).await.0, 200, "the time that was named is enough");
    assert_eq!(read(&guest).await, told);
    assert_eq!(mock.send(&guest, "m1").await.unwrap().status, 200, "another door");
    let armed = mock.get("faults").await;
    assert_eq!(
        (&armed["faults"][0]["rate"], &armed["faults"][0]["struck"]),
        (&json!("10/min"), &json!(2))
    );
}

#[actix_web::test]
async fn a_rate_that_is_none_is_refused() {
    let mock = Served::start();
    for rate in ["0/s", "fast", "5", "5/h", "-1/min"] {
        let body = json!({"kind": "rate-limited", "rate": rate}).to_string();
        let answer = mock.ask(Method::POST, "/__holdline/faults", &[], &body).await.unwrap();
        assert_eq!(answer.status, 400);
        assert!(
            answer.text.contains(&format!("`{rate}` is no rate: write it like")),
            "{}",
            answer.text
        );
    }
}

#[actix_web::test]
async fn somebody_between_answers_and_nothing_is_handled() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let page = bent(&mock, &guest, json!({"kind": "html-page", "count": 1})).await.unwrap();
    assert!(page.status == 200 && page.text.contains("<!doctype html>"), "{}", page.text);
    let moved = bent(&mock, &guest, json!({"kind": "redirect", "count": 1})).await.unwrap();
    assert_eq!(moved.status, 307);
    assert_eq!(moved.header("location"), Some(format!("{}/", guest.path("messages")).as_str()));
    assert!(mock.stored(&guest).await.is_empty());
}

#[actix_web::test]
async fn connections_end_in_the_middle() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "truncated-body", "bytes": 5, "count": 1})).await;
    let (answer, _) = mock.raw(&post(&guest)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200 OK") && body == "{\"typ", "{answer}");
    assert_eq!(mock.stored(&guest).await, ["m1"]);

    mock.arm(json!({"kind": "hang-up", "count": 1})).await;
    let (answer, end) = mock.raw(&post(&guest)).await;
    assert!(answer.is_empty() && end.is_ok(), "FIN: {answer} {end:?}");
    for kind in ["reset", "reset-after-accept"] {
        mock.post("reset", json!({})).await;
        let guest = mock.guest().await;
        mock.arm(json!({"kind": kind, "count": 1})).await;
        let (answer, end) = mock.raw(&post(&guest)).await;
        let error = end.unwrap_err().kind();
        assert!(answer.is_empty() && error == std::io::ErrorKind::ConnectionReset, "{error}");
        let stored = mock.stored(&guest).await.len();
        assert_eq!(stored, usize::from(kind == "reset-after-accept"));
    }
}

#[actix_web::test]
async fn a_body_comes_in_portions_on_the_tenants_clock() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "slow-body", "bytes": 20, "every": "10s", "count": 1})).await;
    let mut sending = std::pin::pin!(mock.send(&guest, "m1"));
    mock.is_struck(1, &mut sending).await;
    for _ in 0..3 {
        never_comes(&mut sending).await;
        mock.post("clock/advance", json!({"by": "10s"})).await;
    }
    assert_eq!(sending.await.unwrap().json()["messageId"], "m1");
}

#[actix_web::test]
async fn a_line_is_slow() {
    let mock = Served::start();
    let guest = mock.guest().await;
    for (nth, kind) in [(1, "slow-headers"), (2, "bandwidth")] {
        mock.arm(json!({"kind": kind, "bytesPerSecond": 60, "count": 1})).await;
        let post = post(&guest);
        let mut asked = std::pin::pin!(mock.raw(&post));
        mock.is_struck(nth, &mut asked).await;
        // Three bytes every 50 ms are not even the head after 2 s, in which all else is answered. On
        // a clock that jumps nobody waits for them.
        tokio::time::pause();
        let early = tokio::time::timeout(Duration::from_secs(2), &mut asked).await;
        assert!(early.is_err(), "{kind}");
        let (answer, _) = asked.await;
        tokio::time::resume();
        assert!(answer.ends_with(r#""messageId":"m1"}"#), "{kind}: {answer}");
    }
    mock.arm(json!({"kind": "bandwidth", "bytesPerSecond": 20_000, "count": 1})).await;
    let (answer, _) = mock.raw(&post(&guest)).await;
    assert!(answer.ends_with(r#""messageId":"m1"}"#), "{answer}");
}

#[actix_web::test]
async fn a_line_falls_silent() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "silence", "count": 1})).await;
    let post = post(&guest);
    let mut asked = std::pin::pin!(mock.raw(&post));
    mock.is_struck(1, &mut asked).await;
    never_comes(asked).await;
    assert!(mock.stored(&guest).await.is_empty());
}

#[actix_web::test]
async fn heads_lie() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let skewed = json!({"kind": "date-skewed", "ahead": "365d", "count": 1});
    let skewed = bent(&mock, &guest, skewed).await.unwrap();
    let plain = mock.send(&guest, "m2").await.unwrap();
    let year = |date: Option<&str>| date.unwrap()[12..16].parse::<u32>().unwrap();
    assert_eq!(year(skewed.header("date")), year(plain.header("date")) + 1);

    let bearer = format!("Bearer {}", guest.token);
    let headers = [("Authorization", bearer.as_str()), ("Origin", "https://shop.example")];
    for (fault, allowed) in [(None, Some("https://shop.example")), (Some("cors-missing"), None)] {
        if let Some(kind) = fault {
            mock.arm(json!({"kind": kind, "count": 1})).await;
        }
        let answer = mock.ask(Method::GET, &guest.path("messages"), &headers, "").await.unwrap();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), allowed);
    }
    mock.arm(json!({"kind": "preflight-refused", "count": 1})).await;
    let asks = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")];
    for status in [403, 204] {
        let answer = mock.ask(Method::OPTIONS, &guest.path("messages"), &asks, "").await.unwrap();
        assert_eq!(answer.status, status);
    }
}

#[actix_web::test]
async fn tokens_are_not_what_they_are_said_to_be() {
    let mock = Served::start();
    mock.arm(json!({"kind": "token-expires-early", "after": "5s", "count": 1})).await;
    let early = mock.guest().await;
    assert_eq!(mock.history(&early).await.unwrap().status, 200);
    mock.post("clock/advance", json!({"by": "5s"})).await;
    mock.history(&early).await.unwrap().assert_refused(401, "token.expired");

    mock.arm(json!({"kind": "token-revoked", "count": 1})).await;
    let revoked = mock.guest().await;
    mock.history(&revoked).await.unwrap().assert_refused(401, "token.unknown");

    mock.arm(json!({"kind": "expires-in-wrong", "seconds": 0, "count": 1})).await;
    let answer = mock.create("").await.unwrap();
    assert_eq!(answer.json()["expiresIn"], 0);
}

#[actix_web::test]
async fn the_cloud_restarts_with_and_without_its_memory() {
    let mock = Served::start();
    for (memory, status) in [(true, 200), (false, 410)] {
        let guest = mock.guest().await;
        let mut socket = mock.socket(&guest).await;
        mock.arm(json!({"kind": "restart", "memory": memory, "count": 1})).await;
        assert!(mock.send(&guest, "m1").await.is_err());
        assert_eq!(socket.end().await, 1012);
        assert_eq!(mock.send(&guest, "m1").await.unwrap().status, status);
    }
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "guest-forgotten", "count": 1})).await;
    mock.send(&guest, "m1").await.unwrap().assert_refused(410, "guest.gone");
}

#[actix_web::test]
async fn connections_are_reset_or_never_answered() {
    let mock = Served::start();
    mock.guest().await;
    let ask = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    mock.arm(json!({"kind": "connection-reset", "count": 1})).await;
    let mut reset = tokio::net::TcpStream::connect(mock.address).await.unwrap();
    let read = tokio::io::AsyncReadExt::read(&mut reset, &mut [0]).await;
    assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    mock.arm(json!({"kind": "connection-silent", "count": 1})).await;
    let mut asked = std::pin::pin!(mock.raw(ask));
    mock.is_struck(2, &mut asked).await;
    never_comes(asked).await;
    assert!(mock.raw(ask).await.0.contains("200 OK"));
}

#[actix_web::test]
async fn a_fault_of_connections_is_of_no_tenant() {
    let mock = Served::start();
    let body = json!({"kind": "connection-silent"}).to_string();
    let refused = mock.ask(Method::POST, "/t/one/__holdline/faults", &[], &body).await.unwrap();
    refused.assert_refused(400, "fault.malformed");
    assert!(refused.text.contains("arm it at /__holdline/ without a tenant"), "{}", refused.text);
}
