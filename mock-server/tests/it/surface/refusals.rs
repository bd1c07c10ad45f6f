//! Every refusal has its own status and code, and looks like its fixture.

use holdline_mock_server::CloudConfig;

use super::harness::{Answer, GUESTS, Mock, OAUTH, REFRESH, assert_like_fixture, message};

const PROFILE: &str = r#"{"guest":{}}"#;

#[track_caller]
fn assert_refusal(answer: &Answer, code: &str) {
    assert_like_fixture(&answer.body, &format!("error.{code}"));
    assert_eq!(answer.body["status"], answer.status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[actix_web::test]
async fn creating_a_guest() {
    let mock = Mock::start();
    assert_refusal(&mock.post(GUESTS, None, PROFILE).await, "oauth.missing");
    assert_refusal(&mock.post(GUESTS, Some("wrong"), PROFILE).await, "oauth.invalid");
    assert_refusal(&mock.post(GUESTS, Some(OAUTH), "not json").await, "json.malformed");
    mock.post(GUESTS, Some(OAUTH), "[]").await.assert_refused(400, "json.malformed");
    for (body, field) in [
        ("{}", "guest"),
        (r#"{"guest":[]}"#, "guest"),
        (r#"{"guest":{"email":1}}"#, "guest.email"),
        (r#"{"guest":{"firstName":{}}}"#, "guest.firstName"),
        (r#"{"guest":{"lastName":true}}"#, "guest.lastName"),
    ] {
        let answer = mock.post(GUESTS, Some(OAUTH), body).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (400, Some(field)));
    }
    let long = " ".repeat(128 * 1024 + 1);
    assert_refusal(&mock.post(GUESTS, Some(OAUTH), &long).await, "body.too.large");
    assert!(mock.cloud.guests().is_empty());
}

#[actix_web::test]
async fn an_account_without_rights() {
    let no_scope = Mock::with(CloudConfig { oauth_scopes: Vec::new(), ..CloudConfig::default() });
    assert_refusal(&no_scope.post(GUESTS, Some(OAUTH), PROFILE).await, "scope.missing");
    no_scope.post(REFRESH, Some(OAUTH), "").await.assert_refused(403, "scope.missing");
    let config = CloudConfig { web_messaging_entitled: false, ..CloudConfig::default() };
    let not_entitled = Mock::with(config);
    let answer = not_entitled.post(GUESTS, Some(OAUTH), PROFILE).await;
    assert_refusal(&answer, "entitlement.missing");
}

#[actix_web::test]
async fn using_a_token() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let other = mock.guest().await;
    let nowhere = "/api/v2/webchat/instances/no-such-instance";
    for (path, resource) in [(guest.messages(), "messages"), (guest.websocket(), "websocket")] {
        assert_refusal(&mock.get(&path, None).await, "token.missing");
        assert_refusal(&mock.get(&path, Some("made-up")).await, "token.unknown");
        assert_refusal(&mock.get(&path, Some(OAUTH)).await, "token.unknown");
        assert_refusal(&mock.get(&path, Some(&other.token)).await, "instance.mismatch");
        let unknown = mock.get(&format!("{nowhere}/{resource}"), Some(&guest.token)).await;
        assert_refusal(&unknown, "instance.unknown");
    }
    let posted = mock.post(&guest.messages(), Some(&other.token), &message("m1")).await;
    assert_refusal(&posted, "instance.mismatch");

    mock.cloud.expire_tokens();
    for path in [guest.messages(), guest.websocket()] {
        assert_refusal(&mock.get(&path, Some(&guest.token)).await, "token.expired");
    }
    mock.cloud.forget_guests();
    for path in [guest.messages(), guest.websocket()] {
        assert_refusal(&mock.get(&path, Some(&guest.token)).await, "guest.gone");
    }
    assert!(mock.ids(&guest).is_empty());
}

#[actix_web::test]
async fn refreshing_a_token() {
    let mock = Mock::start();
    assert_refusal(&mock.post(REFRESH, Some(OAUTH), "").await, "guest.none");
    assert_refusal(&mock.post(REFRESH, None, "").await, "token.missing");
    assert_refusal(&mock.post(REFRESH, Some("made-up"), "").await, "token.unknown");
    let guest = mock.guest().await;
    let unknown = r#"{"webchatInstanceId":"no-such-instance"}"#;
    assert_refusal(&mock.post(REFRESH, Some(OAUTH), unknown).await, "instance.unknown");
    let wrong = mock.post(REFRESH, Some(OAUTH), r#"{"webchatInstanceId":7}"#).await;
    wrong.assert_refused(400, "field.invalid");
    mock.cloud.forget_guests();
    assert_refusal(&mock.post(REFRESH, Some(&guest.token), "").await, "guest.gone");
    assert_refusal(&mock.post(REFRESH, Some(OAUTH), "").await, "guest.gone");
}

#[actix_web::test]
async fn sending_a_message() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let long = format!(r#"{{"type":"message","content":"{}","messageId":"m1"}}"#, "x".repeat(4097));
    for (body, code) in [
        ("not json", "json.malformed"),
        (r#"{"type":"message","messageId":"m1"}"#, "field.missing"),
        (r#"{"type":"message","content":7,"messageId":"m1"}"#, "field.invalid"),
        (r#"{"type":"typing"}"#, "type.unknown"),
        (long.as_str(), "message.too.long"),
    ] {
        assert_refusal(&mock.post(&guest.messages(), Some(&guest.token), body).await, code);
    }
    for (body, field) in [
        (r#"{"content":"hi","messageId":"m1"}"#, "type"),
        (r#"{"type":"message","content":"hi"}"#, "messageId"),
        (r#"{"type":"message","content":"hi","messageId":""}"#, "messageId"),
    ] {
        let answer = mock.post(&guest.messages(), Some(&guest.token), body).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (400, Some(field)));
    }
    assert!(mock.ids(&guest).is_empty());
    let stranger = mock.post(&guest.messages(), None, "not json").await;
    stranger.assert_refused(401, "token.missing");
}

#[actix_web::test]
async fn an_array_is_no_message() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let array = mock.post(&guest.messages(), Some(&guest.token), r#"["message","hi","m1"]"#).await;
    assert_refusal(&array, "json.malformed");
}

#[actix_web::test]
async fn fields_that_nobody_asked_for_are_passed_over_if_they_are_json() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    for (value, status) in [("[{}]", 200), ("1e999", 400)] {
        let body = format!(r#"{{"type":"message","content":"","messageId":"m1","x":{value}}}"#);
        let answer = mock.post(&guest.messages(), Some(&guest.token), &body).await;
        assert_eq!(answer.status, status, "{value}");
    }
}

#[actix_web::test]
async fn what_is_not_served() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    for path in ["/api/v2/nothing", "/api/v2/webchat/instances//messages", "/nothing"] {
        assert_refusal(&mock.get(path, None).await, "path.unknown");
    }
    let answer = mock.get(GUESTS, None).await;
    assert_refusal(&answer, "method.not.allowed");
    assert_eq!(answer.header("allow"), Some("POST"));
    let answer = mock.post(&guest.websocket(), Some(&guest.token), "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET")));
    let no_upgrade = mock.get(&guest.websocket(), Some(&guest.token)).await;
    assert_refusal(&no_upgrade, "handshake.malformed");
}
