//! The served documents say what the server does: every answer and frame is held to them, and so
//! are the fixtures that clients are held to.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::harness::{GUESTS, Served};

/// Holds a value to a schema, as far as our schemas go.
#[track_caller]
fn assert_fits(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = document.pointer(reference.trim_start_matches('#'));
        return assert_fits(document, found.expect(reference), value, at);
    }
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let actual = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&actual), "{at} is {actual}, not {types:?}");
    let known = schema["properties"].as_object();
    if let (Value::Object(fields), Some(known)) = (value, known) {
        for required in schema["required"].as_array().into_iter().flatten() {
            let name = required.as_str().unwrap();
            assert!(fields.contains_key(name), "{at} lacks `{name}`");
        }
        for (name, field) in fields {
            let schema = known.get(name);
            let schema = schema.unwrap_or_else(|| panic!("{at} has `{name}`, which nobody told"));
            assert_fits(document, schema, field, &format!("{at}.{name}"));
        }
    }
    for value in value.as_array().into_iter().flatten() {
        assert_fits(document, &schema["items"], value, &format!("{at}[]"));
    }
}

async fn document(mock: &Served, path: &str) -> Value {
    mock.ask(Method::GET, path, &[], "").await.unwrap().json()
}

/// What the document says about the body of an answer.
fn told<'a>(document: &'a Value, path: &str, method: &str, status: u16) -> &'a Value {
    let responses = &document["paths"][path][method]["responses"];
    let exact = responses.get(status.to_string());
    let wide = || responses.get(format!("{}XX", status / 100));
    let response = exact.or_else(wide).unwrap_or_else(|| panic!("{method} {path}: {status}"));
    &response["content"]["application/json"]["schema"]
}

#[actix_web::test]
async fn every_answer_is_as_the_openapi_document_says() {
    let mock = Served::start();
    let openapi = document(&mock, "/openapi.json").await;
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"), "{}", openapi["openapi"]);
    let guest = mock.guest().await;
    mock.post("agent/say", json!({"text": "hello"})).await;
    let bearer = format!("Bearer {}", guest.token);
    let message = json!({"type": "message", "content": "x", "messageId": "m1"}).to_string();
    let instances = "/api/v2/webchat/instances/{id}";
    let mut called = 0;
    for (template, method, body, bearer, status) in [
        (GUESTS.to_owned(), Method::POST, r#"{"guest":{}}"#, "Bearer holdline-oauth", 200),
        (GUESTS.to_owned(), Method::POST, r#"{"guest":5}"#, "Bearer holdline-oauth", 400),
        (GUESTS.to_owned(), Method::POST, "{}", "Bearer x", 401),
        (super::harness::REFRESH.to_owned(), Method::POST, "", &bearer, 200),
        (super::harness::REFRESH.to_owned(), Method::POST, "", "Bearer x", 401),
        (format!("{instances}/messages"), Method::POST, &message, &bearer, 200),
        (format!("{instances}/messages"), Method::POST, "[", &bearer, 400),
        (format!("{instances}/messages"), Method::GET, "", &bearer, 200),
        (format!("{instances}/messages"), Method::GET, "", "", 401),
        (format!("{instances}/websocket"), Method::GET, "", &bearer, 400),
    ] {
        let path = template.replace("{id}", &guest.id);
        let answer = mock.ask(method.clone(), &path, &[("Authorization", bearer)], body).await;
        let answer = answer.unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        let schema = told(&openapi, &template, &method.as_str().to_lowercase(), status);
        assert_fits(&openapi, schema, &answer.json(), &format!("{method} {template} {status}"));
        called += usize::from(status == 200);
    }
    mock.arm(json!({"kind": "answer", "status": 429, "retryAfter": 7})).await;
    let limited = mock.send(&guest, "m2").await.unwrap();
    let schema = told(&openapi, &format!("{instances}/messages"), "post", 429);
    assert_fits(&openapi, schema, &limited.json(), "429");
    let paths = openapi["paths"].as_object().unwrap().values();
    let documented: usize = paths.map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(documented, called + 1, "all are called, and the handshake beside them");
}

#[actix_web::test]
async fn every_frame_is_as_the_asyncapi_document_says() {
    let mock = Served::start();
    let asyncapi = document(&mock, "/asyncapi.json").await;
    assert_eq!(asyncapi["asyncapi"], "3.0.0");
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    let channel = &asyncapi["channels"]["socket"];
    assert_eq!(channel["address"], "/api/v2/webchat/instances/{id}/websocket");
    let payload = |name: &str| channel["messages"][name]["payload"].clone();
    socket.send("m1").await;
    assert_fits(&asyncapi, &payload("Ack"), &socket.json().await, "ack");
    mock.post("agent/say", json!({"text": "hello"})).await;
    assert_fits(&asyncapi, &payload("AgentMessage"), &socket.json().await, "agent");
    mock.arm(json!({"kind": "answer", "status": 429, "retryAfter": 7})).await;
    socket.send("m2").await;
    assert_fits(&asyncapi, &payload("ErrorFrame"), &socket.json().await, "error");
    for operation in asyncapi["operations"].as_object().unwrap().values() {
        for message in operation["messages"].as_array().unwrap() {
            let reference = message["$ref"].as_str().unwrap();
            assert!(asyncapi.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}

#[actix_web::test]
async fn the_fixtures_of_the_wire_fit_the_documents() {
    let mock = Served::start();
    let openapi = document(&mock, "/openapi.json").await;
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/wire");
    let mut held = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let shape = match name {
            "agent-message.frame.json" => "AgentMessage",
            "create-guest.request.json" => "NewGuest",
            "create-guest.response.json" | "refresh.response.json" => "Grant",
            "error.frame.json"
            | "error-rate-limited.frame.json"
            | "error-without-message-id.frame.json" => "ErrorFrame",
            "history.response.json" => "Page",
            "message-received.frame.json" | "message.response.json" => "Ack",
            "message.frame.json" | "message.request.json" => "Message",
            "refresh.request.json" => "Refresh",
            _ if name.starts_with("error.") => "Refusal",
            _ => continue,
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_fits(&openapi, &schema(shape), &value, name);
        held += 1;
    }
    assert!(held > 25, "{held}");
}
