//! When a fault strikes: the n-th, so many, in a window, for one guest, at one door, by dice.

use actix_web::http::Method;
use holdline_mock_server::FaultRule;
use serde_json::{Value, json};

use super::harness::Served;

/// Where faults are tested from end to end, each over a real connection.
const TESTS: [&str; 3] = [
    include_str!("faults_http.rs"),
    include_str!("faults_sockets.rs"),
    include_str!("../surface/faults.rs"),
];

/// The statuses of so many messages by REST.
async fn statuses(mock: &Served, guest: &super::harness::Guest, count: u32) -> Vec<u16> {
    let mut statuses = Vec::new();
    for number in 0..count {
        statuses.push(mock.send(guest, &format!("m{number}")).await.unwrap().status);
    }
    statuses
}

#[actix_web::test]
async fn the_nth_and_so_many_from_there() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "answer", "status": 503, "nth": 2})).await;
    assert_eq!(statuses(&mock, &guest, 4).await, [200, 503, 200, 200]);
    mock.arm(json!({"kind": "answer", "status": 503, "nth": 2, "count": 2})).await;
    assert_eq!(statuses(&mock, &guest, 4).await, [200, 503, 503, 200]);
    assert_eq!(mock.get("faults").await["faults"], json!([]));
}

#[actix_web::test]
async fn a_window_on_the_tenants_clock() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "answer", "status": 503, "from": "10s", "for": "5s"})).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.extend(statuses(&mock, &guest, 1).await);
        mock.post("clock/advance", json!({"by": "5s"})).await;
    }
    assert_eq!(seen, [200, 200, 503, 200]);
}

#[actix_web::test]
async fn one_guest_and_one_door_alone() {
    let mock = Served::start();
    let (one, two) = (mock.guest().await, mock.guest().await);
    let at = json!({"kind": "answer", "status": 503, "guest": one.id, "endpoint": "messages"});
    mock.arm(at).await;
    assert_eq!(mock.send(&two, "m1").await.unwrap().status, 200);
    assert_eq!(mock.send(&one, "m1").await.unwrap().status, 503);
    assert_eq!(mock.history(&one).await.unwrap().status, 200);
    let mut socket = mock.socket(&one).await;
    socket.send("m2").await;
    assert_eq!(socket.json().await["status"], 503);
}

#[actix_web::test]
async fn the_same_seed_rolls_the_same_dice() {
    let mut rolls = Vec::new();
    for seed in [1, 1, 2] {
        let mock = Served::start();
        let guest = mock.guest().await;
        let fault = json!({"kind": "answer", "status": 503, "probability": 0.5, "seed": seed});
        mock.arm(fault).await;
        rolls.push(statuses(&mock, &guest, 40).await);
    }
    assert_eq!(rolls[0], rolls[1]);
    assert_ne!(rolls[0], rolls[2]);
    let hits = rolls[0].iter().filter(|&&status| status == 503).count();
    assert!((8..=32).contains(&hits), "{hits} of 40");
}

#[actix_web::test]
async fn a_fault_is_a_resource() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let fault = json!({"kind": "ack-delayed", "by": "2s", "nth": 3, "count": 4, "for": "1m"});
    let created = mock.control(Method::POST, "faults", &fault).await;
    assert_eq!(created.status, 201);
    let id = created.json()["id"].as_u64().unwrap();
    assert_eq!(created.header("Location"), Some(format!("/__holdline/faults/{id}").as_str()));
    mock.send(&guest, "m1").await.unwrap();
    let shown = mock.get(&format!("faults/{id}")).await;
    assert_eq!(
        shown,
        json!({"id": id, "kind": "ack-delayed", "by": "2s", "name": "ack delayed by 2000 ms",
            "endpoint": "any", "nth": 3, "count": 4, "endsInMs": 60_000, "seen": 1, "struck": 0})
    );
    let gone = mock.control(Method::DELETE, &format!("faults/{id}"), &json!({})).await;
    assert_eq!(gone.status, 204);
    mock.arm(json!({"kind": "reset"})).await;
    mock.control(Method::DELETE, "faults", &json!({})).await;
    assert_eq!(mock.get("faults").await["faults"], json!([]));
}

#[actix_web::test]
async fn every_kind_is_listed_and_every_storm_can_be_armed() {
    let mock = Served::start();
    let kinds = mock.get("faults/kinds").await;
    let kinds = kinds["kinds"].as_array().unwrap();
    assert!(kinds.len() >= 40, "{}", kinds.len());
    let storms = mock.get("storms").await;
    for storm in storms["storms"].as_array().unwrap() {
        let name = storm["name"].as_str().unwrap();
        let armed = mock.post(&format!("storms/{name}"), json!({})).await;
        assert_eq!(
            armed["faults"].as_array().map(Vec::len),
            storm["faults"].as_array().map(Vec::len)
        );
        mock.control(Method::DELETE, "faults", &json!({})).await;
    }
}

#[actix_web::test]
async fn every_kind_has_a_test_from_end_to_end() {
    let kinds = Served::start().get("faults/kinds").await;
    let kinds = kinds["kinds"].as_array().unwrap();
    let is_untested = |kind: &&str| {
        let words = kind.split('-').map(|word| word[..1].to_uppercase() + &word[1..]);
        let (armed, typed) = (format!("\"{kind}\""), format!("{} {{", words.collect::<String>()));
        !TESTS.iter().any(|test| test.contains(&armed) || test.contains(&typed))
    };
    let names = kinds.iter().map(|kind| kind["kind"].as_str().unwrap());
    assert_eq!(names.filter(is_untested).collect::<Vec<_>>(), [""; 0]);
}

#[actix_web::test]
async fn what_can_never_strike_is_refused_with_what_can() {
    let mock = Served::start();
    let refused = |body: Value, code: &'static str, field: &'static str| {
        let mock = &mock;
        async move {
            let refused = mock.control(Method::POST, "faults", &body).await;
            refused.assert_refused(400, code);
            assert_eq!(refused.json()["field"], field);
            refused.json()["message"].as_str().unwrap().to_owned()
        }
    };
    let body = json!({"kind": "ack-dobled"});
    assert!(
        refused(body, "fault.unknown", "kind").await.contains("`ack-dobled`; there are: answer")
    );
    let body = json!({"kind": "ack-doubled", "by": "2s"});
    assert_eq!(
        refused(body, "fault.malformed", "by").await,
        "`ack-doubled` has no field `by`; there are: endpoint, nth, count, probability, seed, from, \
         for, guest"
    );
    let body = json!({"kind": "ack-doubled", "endpoint": "history"});
    assert_eq!(
        refused(body, "fault.malformed", "endpoint").await,
        "`ack-doubled` can never strike at `history`; it can at: messages, any"
    );
    let body = json!({"kind": "ack-delayed"});
    assert_eq!(
        refused(body, "fault.malformed", "by").await,
        "`ack-delayed` needs `by`, a duration: write it like 250ms, 2s or 1m 30s"
    );
    let body = json!({"kind": "answer", "status": 99});
    assert_eq!(
        refused(body, "fault.malformed", "status").await,
        "`status`: `99` is no status of an answer: 200 to 599"
    );
}

#[test]
fn a_rule_reads_what_it_writes() {
    for written in [
        json!({"kind": "cut-after", "after": "5s", "code": 1012}),
        json!({"kind": "answer", "status": 503, "retryAfter": "date 5s", "nth": 2, "count": 3}),
        json!({"kind": "ack-doubled", "endpoint": "messages", "probability": 0.25, "seed": 7}),
        json!({"kind": "restart", "memory": false, "from": "1s", "for": "2m", "guest": "g"}),
    ] {
        let rule: FaultRule = serde_json::from_value(written.clone()).unwrap();
        assert_eq!(serde_json::to_value(&rule).unwrap(), written);
    }
}

#[actix_web::test]
async fn what_struck_is_in_the_journal() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.arm(json!({"kind": "slow-body", "bytes": 10, "every": "0s", "nth": 1})).await;
    mock.send(&guest, "m1").await.unwrap();
    let struck = mock.journal("kind=fault").await;
    let names: Vec<&Value> = struck.iter().map(|entry| &entry["name"]).collect();
    assert_eq!(names, ["slow body, bytes 10, every 0s"]);
}
