//! What was seen can be read, filtered, followed, and is bounded.

use actix_web::http::Method;
use futures_util::StreamExt;
use holdline_mock_server::MockConfig;
use serde_json::{Value, json};

use super::harness::{Served, config};

fn kinds(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn one_message_is_followed_from_send_to_ack() {
    let mock = Served::start();
    let guest = mock.guest().await;
    let mut socket = mock.socket(&guest).await;
    for id in ["m1", "m2"] {
        socket.send(id).await;
        socket.ack(id).await;
    }
    let entries = mock.journal("message=m2").await;
    assert_eq!(kinds(&entries), ["frame-in", "stored", "frame-out"]);
    assert!(entries.iter().all(|entry| entry["about"] == "m2" && entry["guest"] == *guest.id));
    let frames = mock.journal("kind=frame-in,frame-out&text=m1").await;
    assert_eq!(kinds(&frames), ["frame-in", "frame-out"]);
    let of_nobody = mock.journal("guest=nobody").await;
    assert!(of_nobody.is_empty());
}

#[actix_web::test]
async fn a_request_and_its_answer_share_a_number_and_no_token_is_kept() {
    let mock = Served::start();
    let guest = mock.guest().await;
    mock.send(&guest, "m1").await.unwrap();
    let answers = mock.journal("kind=request,answer").await;
    assert_eq!(kinds(&answers), ["request", "answer", "request", "answer"]);
    assert_eq!(answers[2]["request"], answers[3]["request"]);
    assert!(answers[2]["atMs"].is_u64() && answers[2]["seq"].is_u64(), "{}", answers[2]);
    assert_eq!(
        (&answers[2]["path"], &answers[3]["status"]),
        (&guest.path("messages").into(), &200.into())
    );
    let path = format!("{}?token={}", guest.path("websocket"), guest.token);
    mock.ask(Method::GET, &path, &[], "").await.unwrap();
    let all = mock.control(Method::GET, "journal", &json!({})).await;
    assert!(!all.text.contains(&guest.token), "{}", all.text);
}

#[actix_web::test]
async fn it_is_bounded_and_says_what_was_missed() {
    let mock = Served::with(MockConfig { journal_entries: 10, ..config() });
    let guest = mock.guest().await;
    for number in 0..20 {
        mock.send(&guest, &format!("m{number}")).await.unwrap();
    }
    let page = mock.control(Method::GET, "journal?after=0", &json!({})).await;
    assert_eq!(page.text.lines().count(), 10);
    let last: u64 = page.header("Holdline-Next").unwrap().parse().unwrap();
    assert_eq!(page.header("Holdline-Missed"), Some((last - 10).to_string().as_str()));
    assert!(mock.journal(&format!("after={last}")).await.is_empty());
    assert_eq!(mock.journal("limit=3").await.len(), 3);
    let beyond = format!("after={}", u64::MAX);
    assert!(mock.journal(&beyond).await.is_empty());
}

#[actix_web::test]
async fn a_live_stream_tells_what_happens_and_goes_on_where_it_was() {
    let mut mock = Served::start();
    let guest = mock.guest().await;
    let url = mock.url("/__holdline/journal/stream?kind=stored");
    let mut stream = mock.http.get(&url).send().await.unwrap();
    mock.send(&guest, "m1").await.unwrap();
    let piece = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(piece.contains(r#""message":"m1""#) && piece.starts_with("id: "), "{piece}");
    let id = piece.lines().next().unwrap().trim_start_matches("id: ").to_owned();
    drop(stream);
    mock.send(&guest, "m2").await.unwrap();
    let again = mock.http.get(&url).insert_header(("Last-Event-ID", id));
    let mut stream = again.send().await.unwrap();
    let piece = String::from_utf8(stream.next().await.unwrap().unwrap().to_vec()).unwrap();
    assert!(piece.contains(r#""message":"m2""#) && !piece.contains("m1"), "{piece}");
    let stopping = mock.stop();
    assert!(stream.next().await.is_none(), "a stop ends the stream");
    stopping.await.unwrap().unwrap();
}
