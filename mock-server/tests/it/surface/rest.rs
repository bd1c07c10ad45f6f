//! What is answered when all is well, and what the headers say.

use std::time::Duration;

use holdline_mock_server::{CloudEvent, Route};

use super::harness::{GUESTS, Mock, OAUTH, REFRESH, assert_like_fixture, fixture, message};

#[actix_web::test]
async fn a_guest_is_created_and_sends_by_rest() {
    let mock = Mock::start();
    let created =
        mock.post(GUESTS, Some(OAUTH), &fixture("create-guest.request").to_string()).await;
    assert_eq!((created.status, created.header("content-type")), (200, Some("application/json")));
    assert_like_fixture(&created.body, "create-guest.response");
    assert_eq!(created.body["expiresIn"], 1800);

    let guest = mock.guest().await;
    let body = fixture("message.request");
    let sent = mock.post(&guest.messages(), Some(&guest.token), &body.to_string()).await;
    assert_eq!(sent.status, 200);
    assert_like_fixture(&sent.body, "message.response");
    assert_eq!(sent.body["messageId"], body["messageId"]);
    let stored = mock.cloud.conversation(&guest.instance);
    assert_eq!((stored.len(), stored[0].route), (1, Route::Rest));
    assert_eq!(stored[0].content, body["content"].as_str().unwrap());
    assert_eq!(mock.cloud.guests().len(), 2);
}

#[actix_web::test]
async fn history_has_the_agents_messages_only() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    mock.post(&guest.messages(), Some(&guest.token), &message("m1")).await;
    assert_eq!(mock.cloud.agent_says(Some(&guest.instance), "How can I help?"), Ok(1));
    let history = mock.get(&guest.messages(), Some(&guest.token)).await;
    assert_eq!(history.status, 200);
    assert_like_fixture(&history.body, "history.response");
    for empty in ["?after=1", "?after=7"] {
        let path = format!("{}{empty}", guest.messages());
        let history = mock.get(&path, Some(&guest.token)).await;
        assert_eq!(history.body["messages"], serde_json::json!([]));
    }
    let lenient = mock.get(&format!("{}?after=", guest.messages()), Some(&guest.token)).await;
    assert_eq!(lenient.body["messages"][0]["sequence"], 1);
    let wrong = mock.get(&format!("{}?after=soon", guest.messages()), Some(&guest.token)).await;
    wrong.assert_refused(400, "field.invalid");
    assert_eq!(wrong.body["field"], "after");
}

#[actix_web::test]
async fn the_rate_is_told_in_header_and_body() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    for id in ["m1", "m2"] {
        mock.post(&guest.messages(), Some(&guest.token), &message(id)).await;
    }
    let refused = mock.post(&guest.messages(), Some(&guest.token), &message("m3")).await;
    assert_eq!(refused.status, 429);
    assert_like_fixture(&refused.body, "error.rate.limited");
    assert_eq!(refused.header("retry-after"), Some("1"));
    mock.advance(Duration::from_secs(1));
    mock.post(&guest.messages(), Some(&guest.token), &message("m3")).await;
    assert_eq!(mock.ids(&guest), ["m1", "m2", "m3"]);
}

#[actix_web::test]
async fn a_refresh_finds_its_guest_in_three_ways() {
    let mut mock = Mock::start();
    let first = mock.guest().await;
    let newest = mock.guest().await;

    mock.cloud.expire_tokens();
    let by_token = mock.refresh(&first.token).await;
    assert_eq!(by_token.instance, first.instance);
    assert_ne!(by_token.token, first.token);
    let refreshed = mock.event(|event| matches!(event, CloudEvent::TokenRefreshed { .. })).await;
    assert_eq!(refreshed, CloudEvent::TokenRefreshed { guest: first.instance.clone() });

    let mut body = fixture("refresh.request");
    body["webchatInstanceId"] = first.instance.clone().into();
    let by_name = mock.post(REFRESH, Some(OAUTH), &body.to_string()).await;
    assert_like_fixture(&by_name.body, "refresh.response");
    assert_eq!(by_name.body["webchatInstanceId"], first.instance);

    assert_eq!(mock.refresh(OAUTH).await.instance, newest.instance);
}

#[actix_web::test]
async fn the_scheme_of_a_bearer_has_no_case() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let request = mock.http.get(mock.url(&guest.messages()));
    let header = ("Authorization", format!("bearer {}", guest.token));
    assert_eq!(request.insert_header(header).send().await.unwrap().status(), 200);
}

#[actix_web::test]
async fn a_path_may_be_written_in_percents() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let path = guest.messages().replace('-', "%2D").replace("messages", "%6Dessages");
    let answer = mock.post(&path, Some(&guest.token), &message("m1")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let path = "/api/v2/webchat/instances/a%2Fb/messages";
    let answer = mock.post(path, Some(&guest.token), &message("m1")).await;
    let told = "no webchat instance `a/b` exists; create a guest";
    assert_eq!((answer.status, answer.body["message"].as_str()), (404, Some(told)));
}
