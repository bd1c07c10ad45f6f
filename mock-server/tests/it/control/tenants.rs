//! Each tenant has its own world, found by path, header or host.

use actix_web::http::Method;
use holdline_mock_server::MockConfig;
use serde_json::json;

use super::harness::{GUESTS, Served, config};

const OAUTH: (&str, &str) = ("Authorization", "Bearer holdline-oauth");

#[actix_web::test]
async fn a_path_a_header_and_a_host_name_the_same_world() {
    let mock = Served::start();
    mock.guest_of("/t/one").await;
    for headers in [[OAUTH, ("Holdline-Tenant", "ONE")], [OAUTH, ("Host", "one.localhost:1")]] {
        let answer = mock.ask(Method::POST, GUESTS, &headers, r#"{"guest":{}}"#).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let told = mock.get("tenants").await;
    let count = |key: &str| {
        let all = told["tenants"].as_array().unwrap();
        all.iter().find(|one| one["tenant"] == key).unwrap()["guestCount"].clone()
    };
    assert_eq!((count("one"), count("default")), (3.into(), 0.into()));
}

#[actix_web::test]
async fn a_guest_of_one_is_a_stranger_in_the_other() {
    let mock = Served::start();
    let mut guest = mock.guest_of("/t/one").await;
    assert_eq!(mock.send(&guest, "m1").await.unwrap().status, 200);
    let mut socket = mock.socket(&guest).await;
    guest.prefix = "/t/two".to_owned();
    mock.send(&guest, "m2").await.unwrap().assert_refused(401, "token.unknown");
    assert!(mock.try_socket(&guest).await.is_err());

    let arm = json!({"kind": "answer", "status": 503}).to_string();
    let path = "/t/two/__holdline/faults";
    assert_eq!(mock.ask(Method::POST, path, &[], &arm).await.unwrap().status, 201);
    assert_eq!(mock.create("/t/two").await.unwrap().status, 503);
    assert_eq!(mock.create("/t/one").await.unwrap().status, 200);
    socket.send("m3").await;
    socket.ack("m3").await;
}

#[actix_web::test]
async fn the_same_seed_gives_each_tenant_the_same_ids_whatever_the_others_do() {
    let (first, second) = (Served::start(), Served::start());
    second.guest_of("/t/before").await;
    let (one, other) = (first.guest_of("/t/x").await, second.guest_of("/t/x").await);
    assert_eq!((one.id, one.token), (other.id, other.token));
}

#[actix_web::test]
async fn a_reset_ends_sockets_faults_and_journal_of_one_tenant_alone() {
    let mock = Served::start();
    let (one, two) = (mock.guest_of("/t/one").await, mock.guest_of("/t/two").await);
    let (mut ending, mut staying) = (mock.socket(&one).await, mock.socket(&two).await);
    let answer = mock.ask(Method::POST, "/t/one/__holdline/reset", &[], "").await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(ending.end().await, 1001);
    staying.send("m1").await;
    staying.ack("m1").await;
    mock.send(&one, "m1").await.unwrap().assert_refused(401, "token.unknown");
    let again = mock.guest_of("/t/one").await;
    assert_eq!(again.id, one.id, "a world that begins anew begins alike");
    drop(ending);
    mock.socket(&again).await.send("m2").await;
}

#[actix_web::test]
async fn a_tenant_too_many_and_a_key_that_is_none_are_refused() {
    let mock = Served::with(MockConfig { max_tenants: 2, ..config() });
    mock.guest_of("/t/one").await;
    mock.create("/t/two").await.unwrap().assert_refused(503, "tenants.exhausted");
    let gone = mock.control(Method::DELETE, "tenants/one", &json!({})).await;
    assert_eq!(gone.status, 204);
    mock.guest_of("/t/two").await;
    let gone = mock.control(Method::DELETE, "tenants/one", &json!({})).await;
    gone.assert_refused(404, "tenant.unknown");
    for key in ["a b", "", "ä", &"x".repeat(64)] {
        let headers = [OAUTH, ("Holdline-Tenant", key)];
        let answer = mock.ask(Method::POST, GUESTS, &headers, "{}").await.unwrap();
        answer.assert_refused(400, "tenant.malformed");
    }
    mock.create("/t/a%2Fb").await.unwrap().assert_refused(400, "tenant.malformed");
}

#[actix_web::test]
async fn a_thousand_worlds_stand_side_by_side() {
    let mock = Served::start();
    for number in 0..1000 {
        mock.guest_of(&format!("/t/t{number}")).await;
    }
    assert_eq!(mock.get("tenants").await["tenants"].as_array().unwrap().len(), 1001);
}
