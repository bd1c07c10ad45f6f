//! The agent speaks, the clock is driven, and what is done to the world shows.

use actix_web::http::Method;
use serde_json::json;

use super::harness::{REFRESH, Served};

#[actix_web::test]
async fn the_agent_says_one_thing_or_many_and_types() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let said = mock.post("agent/say", json!({"text": "hello"})).await;
    assert_eq!(said, json!({"said": 1, "sequence": 1}));
    assert_eq!(socket.json().await["content"], "hello");
    mock.post("agent/type", json!({"guest": guest.id})).await;
    assert_eq!(socket.json().await["type"], "typing");
    let many = json!({"text": "number {n}", "guest": guest.id, "count": 3});
    assert_eq!(mock.post("agent/say", many).await["sequence"], 4);
    for number in 1..=3 {
        assert_eq!(socket.json().await["content"], format!("number {number}"));
    }
}

#[actix_web::test]
async fn the_agent_keeps_its_pace_on_the_tenants_clock() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let many = json!({"text": "{n}", "count": 3, "perSecond": 2});
    let answer = mock.control(Method::POST, "agent/say", &many).await;
    assert_eq!((answer.status, answer.json()["toCome"].clone()), (202, 2.into()));
    assert_eq!(socket.json().await["content"], "1");
    for number in ["2", "3"] {
        mock.post("clock/advance", json!({"by": "499ms"})).await;
        mock.post("agent/type", json!({})).await;
        assert_eq!(socket.json().await["type"], "typing", "it is not yet time for {number}");
        mock.post("clock/advance", json!({"by": "1ms"})).await;
        assert_eq!(socket.json().await["content"], number);
    }
}

#[actix_web::test]
async fn half_an_hour_passes_in_a_moment() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.post("clock/advance", json!({"by": "29m 59s"})).await;
    assert_eq!(mock.send(&guest, "m1").await.unwrap().status, 200);
    let clock = mock.post("clock/advance", json!({"by": "1s"})).await;
    assert_eq!(clock["speed"], 0.0);
    mock.send(&guest, "m2").await.unwrap().assert_refused(401, "token.expired");
    let bearer = format!("Bearer {}", guest.token);
    let headers = [("Authorization", bearer.as_str())];
    assert_eq!(mock.ask(Method::POST, REFRESH, &headers, "").await.unwrap().status, 200);
}

#[actix_web::test]
async fn a_clock_that_is_sped_up_runs() {
    let mock = Served::start();
    let set = mock.control(Method::PUT, "clock", &json!({"speed": 100_000})).await;
    assert_eq!(set.json()["speed"], 100_000.0);
    let before = mock.get("clock").await["nowMs"].as_u64().unwrap();
    while mock.get("clock").await["nowMs"].as_u64().unwrap() < before + 100 {}
    let stopped = mock.control(Method::PUT, "clock", &json!({"speed": 0})).await;
    assert_eq!(mock.get("clock").await["nowMs"], stopped.json()["nowMs"]);
}

#[actix_web::test]
async fn sockets_are_closed_tokens_expire_guests_are_forgotten() {
    let mock = Served::start();
    let (one, two) = (mock.guest().await, mock.guest().await);
    let (mut closing, mut staying) = (mock.socket(&one).await, mock.socket(&two).await);
    let close = json!({"code": 4401, "reason": "who are you", "guest": one.id});
    assert_eq!(mock.post("sockets/close", close).await["closed"], 1);
    assert_eq!(closing.end().await, 4401);
    staying.send("m1").await;
    staying.ack("m1").await;
    mock.post("tokens/expire", json!({})).await;
    mock.send(&two, "m2").await.unwrap().assert_refused(401, "token.expired");
    mock.post("guests/forget", json!({})).await;
    assert_eq!(staying.end().await, 1000);
    mock.send(&two, "m2").await.unwrap().assert_refused(410, "guest.gone");
}

#[actix_web::test]
async fn a_script_answers_by_pattern_with_delays_and_templates() {
    let mock = Served::start();
    let script = "[[answer]]\nwhen = \"Text of M1\"\nsay = [\"you said {text}\", \"answer {n}\"]\n\
                  after = \"2s\"\ntyping = true\n[[answer]]\nsay = [\"what?\"]\ntimes = 1\n";
    let path = "/__holdline/agent/script";
    let put = mock.ask(Method::PUT, path, &[], script).await.unwrap();
    assert_eq!(put.status, 204, "{}", put.text);
    assert_eq!(mock.ask(Method::GET, path, &[], "").await.unwrap().text, script);
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    socket.send("m1").await;
    socket.ack("m1").await;
    assert_eq!(socket.json().await["type"], "typing");
    socket.send("m2").await;
    socket.ack("m2").await;
    assert_eq!(socket.json().await["content"], "what?");
    mock.post("clock/advance", json!({"by": "2s"})).await;
    assert_eq!(socket.json().await["content"], "you said text of m1");
    assert_eq!(socket.json().await["content"], "answer 1");
    let wrong = mock.ask(Method::PUT, path, &[], "[[answer]]\nsey = 1\n").await.unwrap();
    wrong.assert_refused(400, "script.malformed");
    assert!(wrong.text.contains("line 2"), "{}", wrong.text);
}
