//! Assertions that wait, and what was seen as a plan.

use actix_web::http::Method;
use serde_json::json;

use super::harness::Served;

#[actix_web::test]
async fn an_expectation_waits_until_it_is_met() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let expected = json!({"message": "m2", "after": "m1", "guest": guest.id, "within": "1m"});
    let waiting = mock.control(Method::POST, "expect", &expected);
    let sending = async {
        for id in ["m1", "m2"] {
            mock.send(&guest, id).await.unwrap();
        }
    };
    let (answer, ()) = futures_util::future::join(waiting, sending).await;
    assert_eq!((answer.status, &answer.json()["met"]), (200, &true.into()), "{}", answer.text);
    let by_text = json!({"message": "text of m1"});
    assert_eq!(mock.post("expect", by_text).await["met"], true);
    let entries = json!({"journal": {"kind": "stored", "guest": guest.id}, "times": 2});
    assert_eq!(mock.post("expect", entries).await["met"], true);
}

#[actix_web::test]
async fn what_is_not_met_is_shown_as_a_diff() {
    let mock = Served::start();
    let guest = mock.guest().await;
    for id in ["m3", "m1", "m2"] {
        mock.send(&guest, id).await.unwrap();
    }
    let expected = json!({"message": "m3", "after": "m2", "within": "1m"});
    let answer = mock.control(Method::POST, "expect", &expected).await;
    answer.assert_refused(417, "expectation.failed");
    assert_eq!(
        answer.json()["diff"],
        "expected\n  m3 exactly once, after m2, within 1m\nfound\n\
         > 1. m3: text of m3\n  2. m1: text of m1\n  3. m2: text of m2\n"
    );
    let never = json!({"message": "m1", "times": 0, "within": "1m"});
    let answer = mock.control(Method::POST, "expect", &never).await;
    answer.assert_refused(417, "expectation.failed");
    let late = json!({"message": "m9", "within": "1ms"});
    let answer = mock.control(Method::POST, "expect", &late).await;
    answer.assert_refused(417, "expectation.failed");
    let absent = json!({"message": "m9", "times": 0, "within": "1ms"});
    assert_eq!(mock.post("expect", absent).await["met"], true);
}

#[actix_web::test]
async fn an_expectation_that_says_nothing_or_too_much_is_refused() {
    let mock = Served::start();
    for (expected, code) in [
        (json!({}), "expectation.malformed"),
        (json!({"message": "m", "journal": {}}), "expectation.malformed"),
        (json!({"message": "m", "within": "1y"}), "span.malformed"),
        (json!({"message": "m", "within": 5}), "json.malformed"),
    ] {
        let answer = mock.control(Method::POST, "expect", &expected).await;
        answer.assert_refused(400, code);
    }
}

#[actix_web::test]
async fn what_was_seen_is_a_plan() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "ack-dropped-after-accept", "endpoint": "messages", "nth": 2})).await;
    mock.arm(json!({"kind": "answer", "status": 429, "retryAfter": 7, "endpoint": "history"}))
        .await;
    let mut socket = mock.socket(&guest).await;
    socket.send("m1").await;
    socket.ack("m1").await;
    mock.post("clock/advance", json!({"by": "3s"})).await;
    socket.send("m2").await;
    mock.post("agent/say", json!({"text": "hello"})).await;
    socket.json().await;
    mock.post("clock/advance", json!({"by": "1s"})).await;
    assert_eq!(mock.history(&guest).await.unwrap().status, 429);
    socket.send("m2").await;
    socket.ack("m2").await;
    let plan = mock.control(Method::GET, "plan", &json!({})).await.text;
    let expected = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/wire/seen.plan.toml"
    ));
    assert_eq!(plan, expected.unwrap());
}
