//! The flows of the two articles, request for request.

use std::time::Duration;

use actix_http::ws::Message;
use futures_util::SinkExt;
use holdline_mock_server::End;

use super::harness::{Mock, OAUTH, REFRESH, message};

#[actix_web::test]
async fn article_000_resends_its_buffer_by_rest_after_a_partition() {
    let mock = Mock::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    socket.send(&message("m1")).await;
    socket.ack("m1").await;

    mock.cloud.close_sockets(End::Drop);
    socket.assert_dropped().await;
    mock.cloud.agent_says(None, "Are you still there?").unwrap();
    mock.advance(Duration::from_mins(31));
    let refused = mock.post(&guest.messages(), Some(&guest.token), &message("m2")).await;
    refused.assert_refused(401, "token.expired");

    let guest = mock.refresh(&guest.token).await;
    let mut socket = mock.socket(&guest).await;
    for id in ["m1", "m2", "m3", "m4"] {
        let mut sent = mock.post(&guest.messages(), Some(&guest.token), &message(id)).await;
        if sent.status == 429 {
            let seconds = sent.header("retry-after").unwrap().parse().unwrap();
            mock.advance(Duration::from_secs(seconds));
            sent = mock.post(&guest.messages(), Some(&guest.token), &message(id)).await;
        }
        assert_eq!((sent.status, sent.body["messageId"].as_str()), (200, Some(id)));
    }
    assert_eq!(mock.ids(&guest), ["m1", "m2", "m3", "m4"]);
    let missed = mock.get(&guest.messages(), Some(&guest.token)).await;
    assert_eq!(missed.body["messages"][0]["content"], "Are you still there?");

    mock.cloud.agent_says(None, "Welcome back").unwrap();
    assert_eq!(socket.json().await["sequence"], 2);
    socket.0.send(Message::Close(None)).await.unwrap();
    assert_eq!(socket.close_code().await, 1005);
}

#[actix_web::test]
async fn article_004_hands_the_socket_from_tab_to_tab() {
    let mock = Mock::start();
    let created = mock.guest().await;
    let mut first_tab = mock.socket(&created).await;

    let refreshed = mock.post(REFRESH, Some(OAUTH), "").await;
    assert_eq!(refreshed.body["webchatInstanceId"], created.instance);
    let token = refreshed.body["token"].as_str().unwrap();
    let guest = super::harness::Guest { token: token.to_owned(), ..created.clone() };

    let mut second_tab = mock.socket(&guest).await;
    assert_eq!(mock.cloud.open_sockets(), 2);
    mock.cloud.agent_says(Some(&guest.instance), "Hello").unwrap();
    let shown = first_tab.json().await;
    assert_eq!(second_tab.json().await, shown, "both sockets see the same message once");

    first_tab.0.send(Message::Close(None)).await.unwrap();
    assert_eq!(first_tab.close_code().await, 1005);
    second_tab.send(&message("m1")).await;
    second_tab.ack("m1").await;

    assert_eq!(mock.get(&guest.messages(), Some(&created.token)).await.status, 200, "grace");
    mock.advance(Duration::from_secs(30));
    let late = mock.get(&guest.messages(), Some(&created.token)).await;
    late.assert_refused(401, "token.expired");
    assert_eq!(mock.get(&guest.messages(), Some(&guest.token)).await.status, 200);
}
