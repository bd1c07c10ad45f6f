//! Who may control the mock, and how calls that are wrong are answered.

use actix_web::http::Method;
use holdline_mock_server::{ControlAccess, MockConfig};
use serde_json::json;

use super::harness::{Served, config};

#[actix_web::test]
async fn pages_of_other_origins_and_rebound_names_are_refused() {
    let mock = Served::start();
    let own = mock.address.to_string();
    let page = format!("http://{own}");
    let allowed = [("Host", own.as_str()), ("Origin", page.as_str())];
    let status = "/__holdline/status";
    assert_eq!(mock.ask(Method::GET, status, &allowed, "").await.unwrap().status, 200);
    for headers in [
        [("Host", own.as_str()), ("Origin", "https://evil.example")],
        [("Host", "rebound.example"), ("Origin", "http://rebound.example")],
    ] {
        let answer = mock.ask(Method::GET, status, &headers, "").await.unwrap();
        answer.assert_refused(403, "control.refused");
    }
}

#[actix_web::test]
async fn a_token_is_asked_for_where_there_is_one() {
    let control = ControlAccess::Token("secret".to_owned());
    let mock = Served::with(MockConfig { control, ..config() });
    let status = "/__holdline/status";
    for (headers, path) in [
        (vec![], status.to_owned()),
        (vec![("Authorization", "Bearer wrong!")], status.to_owned()),
        (vec![], format!("{status}?token=secre")),
    ] {
        let answer = mock.ask(Method::GET, &path, &headers, "").await.unwrap();
        answer.assert_refused(401, "control.token");
    }
    let bearer = [("Authorization", "Bearer secret")];
    assert_eq!(mock.ask(Method::GET, status, &bearer, "").await.unwrap().status, 200);
    let path = format!("{status}?token=secret");
    assert_eq!(mock.ask(Method::GET, &path, &[], "").await.unwrap().status, 200);
}

#[actix_web::test]
async fn the_pages_are_for_browsers_and_need_no_token_to_be_loaded() {
    let control = ControlAccess::Token("secret".to_owned());
    let mock = Served::with(MockConfig { control, ..config() });
    let html = [("Accept", "text/html,application/xhtml+xml")];
    for (path, holds) in [
        ("/__holdline/", "<title>Holdline mock"),
        ("/t/mine/__holdline/", "<title>Holdline mock"),
        ("/__holdline/guest", "<title>Guest"),
        ("/__holdline/page/app.js", "import"),
        ("/__holdline/page/style.css", ":root"),
    ] {
        let answer = mock.ask(Method::GET, path, &html, "").await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(answer.text.contains(holds), "`{holds}` is not in {path}");
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    }
    let without_slash = mock.ask(Method::GET, "/t/mine/__holdline", &html, "").await.unwrap();
    assert_eq!(without_slash.status, 308);
    assert_eq!(without_slash.header("location"), Some("__holdline/"));
    let unknown = mock.ask(Method::GET, "/__holdline/page/secret.js", &html, "").await.unwrap();
    unknown.assert_refused(404, "path.unknown");
    for path in ["/__holdline/", "/__holdline/status", "/__holdline/pages", "/__holdline/guests/x"]
    {
        let answer = mock.ask(Method::GET, path, &[], "").await.unwrap();
        answer.assert_refused(401, "control.token");
    }
}

#[actix_web::test]
async fn what_is_wrong_is_named_with_what_is_allowed() {
    let mock = Served::start();
    for (call, body, code, says) in [
        ("faults", json!({"kind": "sharks"}), "fault.unknown", "ack-delayed"),
        ("faults", json!({}), "fault.unknown", "ack-delayed"),
        ("faults", json!({"kind": "ack-delayed"}), "fault.malformed", "by"),
        ("faults", json!({"kind": "ack-delayed", "by": "soon"}), "fault.malformed", "250ms"),
        ("faults", json!({"kind": "reset", "foo": 1}), "fault.malformed", "foo"),
        ("faults", json!({"kind": "reset", "probability": 2}), "fault.malformed", "0 to 1"),
        ("faults", json!({"kind": "reset", "endpoint": "x"}), "fault.malformed", "guests"),
        ("faults", json!({"kind": "answer", "status": 9999}), "fault.malformed", "9999"),
        ("faults", json!({"kind": "reset", "guest": "x"}), "instance.unknown", "x"),
        ("clock/advance", json!({"by": "late"}), "span.malformed", "late"),
        ("clock/advance", json!({}), "json.malformed", "by"),
        ("sockets/close", json!({"code": 7}), "code.malformed", "1000"),
        ("agent/say", json!({"text": "x"}), "guest.none", "create one"),
        ("storms/tornado", json!({}), "storm.unknown", "429-storm"),
    ] {
        let answer = mock.control(Method::POST, call, &body).await;
        assert!(answer.status >= 400, "{call} {body}: {}", answer.text);
        assert_eq!(answer.json()["code"], code, "{call} {body}: {}", answer.text);
        assert!(answer.text.contains(says), "`{says}` is not in {}", answer.text);
    }
    let gone = mock.control(Method::DELETE, "faults/7", &json!({})).await;
    gone.assert_refused(404, "fault.gone");
    let huge = format!("\"{}\"", "x".repeat(300_000));
    let answer = mock.ask(Method::POST, "/__holdline/faults", &[], &huge).await.unwrap();
    answer.assert_refused(413, "body.too.large");
    let nowhere = mock.control(Method::GET, "nowhere", &json!({})).await;
    nowhere.assert_refused(404, "path.unknown");
}

#[actix_web::test]
async fn every_call_that_is_listed_is_there() {
    let mock = Served::start();
    let calls = mock.get("").await;
    for call in calls["calls"].as_array().unwrap() {
        let (method, path) = call.as_str().unwrap().split_once(' ').unwrap();
        let path = path.replace("{key}", "x").replace("{guest}", "x").replace("{id}", "7");
        let request =
            mock.http.request(method.parse().unwrap(), mock.url(&format!("/__holdline/{path}")));
        let mut answer = request.send_body("{").await.unwrap();
        if path == "journal/stream" {
            continue;
        }
        let text = String::from_utf8(answer.body().await.unwrap().to_vec()).unwrap();
        assert!(!text.contains("path.unknown") && answer.status() != 405, "{call}: {text}");
    }
}

#[actix_web::test]
async fn a_fault_for_a_guest_that_is_gone_is_refused() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.post("guests/forget", json!({})).await;
    let fault = json!({"kind": "reset", "guest": guest.id});
    mock.control(Method::POST, "faults", &fault).await.assert_refused(410, "guest.gone");
}
