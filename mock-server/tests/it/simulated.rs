//! The same app on in-memory streams: one thread, paused time, a `LocalSet` and no actix system,
//! as a simulation runs it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_http::{HttpService, Protocol};
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use holdline_mock_server::faults::AckDelayed;
use holdline_mock_server::{
    Clock, Cloud, CloudConfig, CloudEvent, End, Endpoint, FaultRule, Now, Observer, routes,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::{LocalSet, spawn_local};

/// A cloud on virtual time, and what it told its observer.
fn cloud() -> (Cloud, Arc<Mutex<Vec<CloudEvent>>>) {
    let start = tokio_now();
    let clock = Clock::new(move || {
        let mono = tokio_now() - start;
        Now { mono, wall: Duration::from_secs(1_700_000_000) + mono }
    });
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let observer = Observer::new(move |event: &CloudEvent| {
        heard.lock().unwrap().push(event.clone());
    });
    (Cloud::new(CloudConfig::default(), clock, 7, observer), events)
}

#[expect(clippy::disallowed_methods, reason = "the one place that injects virtual time")]
fn tokio_now() -> tokio::time::Instant {
    tokio::time::Instant::now()
}

async fn connect(cloud: &Cloud) -> DuplexStream {
    let (client, server) = tokio::io::duplex(64 * 1024);
    let app = map_config(App::new().configure(routes(cloud)), |()| AppConfig::default());
    let service = HttpService::build().finish(app).new_service(()).await.unwrap();
    spawn_local(async move {
        // How a connection ends is seen by its client.
        let _ = service.call((server, Protocol::Http1, None)).await;
    });
    client
}

async fn read_head(stream: &mut DuplexStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn create_guest(stream: &mut DuplexStream) -> serde_json::Value {
    let body = r#"{"guest":{}}"#;
    let request = format!(
        "POST /api/v2/webchat/guests HTTP/1.1\r\nHost: cloud\r\n\
         Authorization: Bearer holdline-oauth\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_head(stream).await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    serde_json::from_slice(&body).unwrap()
}

async fn open_socket(cloud: &Cloud) -> DuplexStream {
    let mut stream = connect(cloud).await;
    let guest = create_guest(&mut stream).await;
    let request = format!(
        "GET /api/v2/webchat/instances/{}/websocket HTTP/1.1\r\nHost: cloud\r\n\
         Authorization: Bearer {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        guest["webchatInstanceId"].as_str().unwrap(),
        guest["token"].as_str().unwrap(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    stream
}

async fn send(stream: &mut DuplexStream, id: &str) {
    let text = format!(r#"{{"type":"message","content":"hello","messageId":"{id}"}}"#);
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    stream.write_all(&frame).await.unwrap();
}

async fn read_frame(stream: &mut DuplexStream) -> (u8, Vec<u8>) {
    let (first, length) = (stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap());
    let mut payload = vec![0; usize::from(length)];
    stream.read_exact(&mut payload).await.unwrap();
    (first & 0x0f, payload)
}

#[tokio::test(start_paused = true)]
async fn a_late_ack_takes_virtual_time_only() {
    let run = async {
        let (cloud, _) = cloud();
        let mut stream = open_socket(&cloud).await;
        let fault = AckDelayed { by: Duration::from_hours(1) };
        cloud.arm(FaultRule::at(fault, Endpoint::Messages, 1, 1));
        let before = tokio_now();
        send(&mut stream, "m1").await;
        let (opcode, ack) = read_frame(&mut stream).await;
        assert_eq!(
            (opcode, ack.as_slice()),
            (1, &br#"{"type":"messageReceived","messageId":"m1"}"#[..])
        );
        let took = tokio_now() - before;
        assert!((3_600..3_601).contains(&took.as_secs()), "{took:?}");
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_answers_a_close_is_dropped_after_the_timeout() {
    let run = async {
        let (cloud, events) = cloud();
        let mut stream = open_socket(&cloud).await;
        let before = tokio_now();
        cloud.close_sockets(End::Code(1001, String::new()));
        assert_eq!(read_frame(&mut stream).await, (8, 1001_u16.to_be_bytes().to_vec()));
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        let took = tokio_now() - before;
        assert!(took >= Duration::from_secs(5), "{took:?}");
        let last = events.lock().unwrap().last().cloned();
        assert!(matches!(last, Some(CloudEvent::SocketClosed { socket: 1, .. })), "{last:?}");
    };
    LocalSet::new().run_until(run).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_the_host_leaves_no_socket_behind() {
    let (cloud, events) = cloud();
    let host = LocalSet::new();
    let stream = host.run_until(open_socket(&cloud)).await;
    assert_eq!(cloud.open_sockets(), 1);
    drop(host);
    assert_eq!(cloud.open_sockets(), 0);
    let last = events.lock().unwrap().last().cloned();
    assert!(matches!(last, Some(CloudEvent::SocketClosed { socket: 1, .. })), "{last:?}");
    drop(stream);
}

#[tokio::test(start_paused = true)]
async fn two_runs_with_one_seed_see_the_same() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (cloud, events) = cloud();
        let run = async {
            let mut stream = open_socket(&cloud).await;
            for id in ["m1", "m2", "m3", "m1"] {
                send(&mut stream, id).await;
                read_frame(&mut stream).await;
            }
            cloud.agent_says(None, "hello").unwrap();
            let said = read_frame(&mut stream).await;
            cloud.close_sockets(End::Drop);
            while stream.read(&mut [0]).await.is_ok_and(|read| read > 0) {}
            said
        };
        let said = LocalSet::new().run_until(run).await;
        runs.push((said, events.lock().unwrap().clone()));
    }
    assert_eq!(runs[0], runs[1]);
}
