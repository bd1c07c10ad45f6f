//! A served mock, its control API, and guests of it.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_http::ws::{Frame, Message};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use futures_util::{SinkExt, StreamExt};
use holdline_mock_server::{Clock, CloudConfig, Mock, MockConfig, Now, ServeConfig};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::frames::Frames;

pub(crate) const GUESTS: &str = "/api/v2/webchat/guests";
pub(crate) const REFRESH: &str = "/api/v2/conversations/messaging/guests";

/// The mock that a test has to itself.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) http: awc::Client,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

/// The hand that moves a clock.
#[derive(Clone, Default)]
pub(crate) struct Hand(Arc<Mutex<Duration>>);

impl Hand {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        let body = self.json();
        assert_eq!((self.status, &body["code"]), (status, &Value::from(code)), "{}", self.text);
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) prefix: String,
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Guest {
    pub(crate) fn path(&self, what: &str) -> String {
        format!("{}/api/v2/webchat/instances/{}/{what}", self.prefix, self.id)
    }
}

pub(crate) fn message(id: &str) -> String {
    json!({"type": "message", "content": format!("text of {id}"), "messageId": id}).to_string()
}

/// A clock that stands still, and no rate to run into.
pub(crate) fn config() -> MockConfig {
    let cloud = CloudConfig { burst: 1000, messages_per_second: 1000, ..CloudConfig::default() };
    MockConfig { cloud, speed: 0, ..MockConfig::default() }
}

impl Served {
    pub(crate) fn start() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: MockConfig) -> Self {
        Self::on(Clock::system(), config)
    }

    /// With a clock that runs at the speed of real time, as far as anybody can tell, and is the
    /// test's.
    pub(crate) fn on_our_clock() -> (Self, Hand) {
        let hand = Hand::default();
        let read = hand.clone();
        let clock = Clock::new(move || {
            let mono = *read.0.lock().unwrap();
            Now { mono, wall: Duration::from_secs(1_700_000_000) + mono }
        });
        (Self::on(clock, MockConfig { speed: 1000, ..config() }), hand)
    }

    fn on(clock: Clock, config: MockConfig) -> Self {
        let mock = Mock::new(config, clock);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = actix_rt::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            mock.serve(&ServeConfig::default(), listener, stop).await
        });
        let http = awc::Client::builder().disable_redirects().disable_timeout().finish();
        Self { address, http, stop: Some(stop), serving: Some(served) }
    }

    /// The server begins to stop; what it says in the end.
    pub(crate) fn stop(&mut self) -> JoinHandle<std::io::Result<()>> {
        drop(self.stop.take());
        self.serving.take().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Any request; an error is a connection that failed.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, String> {
        let mut request = self.http.request(method, self.url(path));
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let sent = request.send_body(body.to_owned()).await;
        let mut response = sent.map_err(|error| error.to_string())?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.body().limit(16 << 20).await.map_err(|error| error.to_string())?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Answer { status, headers, text })
    }

    /// A control call of the default tenant's.
    pub(crate) async fn control(&self, method: Method, call: &str, body: &Value) -> Answer {
        let path = format!("/__holdline/{call}");
        self.ask(method, &path, &[], &body.to_string()).await.unwrap()
    }

    pub(crate) async fn get(&self, call: &str) -> Value {
        let answer = self.control(Method::GET, call, &json!({})).await;
        assert_eq!(answer.status, 200, "{call}: {}", answer.text);
        answer.json()
    }

    pub(crate) async fn post(&self, call: &str, body: Value) -> Value {
        let answer = self.control(Method::POST, call, &body).await;
        assert!((200..300).contains(&answer.status), "{call}: {}", answer.text);
        answer.json()
    }

    pub(crate) async fn arm(&self, fault: Value) -> u64 {
        self.post("faults", fault).await["id"].as_u64().unwrap()
    }

    /// Asks, and returns once the `nth` fault of all has struck, before any answer.
    pub(crate) async fn is_struck<T>(&self, nth: u64, asked: impl Future<Output = T> + Unpin) {
        let fault = json!({"journal": {"kind": "fault"}, "times": nth, "within": "1m"});
        tokio::select! {
            biased;
            _ = asked => panic!("it is answered"),
            _ = self.post("expect", fault) => {}
        }
    }

    /// The journal as values, filtered as the query says.
    pub(crate) async fn journal(&self, query: &str) -> Vec<Value> {
        let answer = self.control(Method::GET, &format!("journal?{query}"), &json!({})).await;
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) async fn create(&self, prefix: &str) -> Result<Answer, String> {
        let headers = [("Authorization", "Bearer holdline-oauth")];
        self.ask(Method::POST, &format!("{prefix}{GUESTS}"), &headers, r#"{"guest":{}}"#).await
    }

    pub(crate) async fn guest(&self) -> Guest {
        self.guest_of("").await
    }

    /// A guest of the tenant whose path prefix is given.
    pub(crate) async fn guest_of(&self, prefix: &str) -> Guest {
        let answer = self.create(prefix).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
        let (id, token) = (text("webchatInstanceId"), text("token"));
        Guest { prefix: prefix.to_owned(), id, token }
    }

    pub(crate) async fn send(&self, guest: &Guest, id: &str) -> Result<Answer, String> {
        let bearer = format!("Bearer {}", guest.token);
        let headers = [("Authorization", bearer.as_str())];
        self.ask(Method::POST, &guest.path("messages"), &headers, &message(id)).await
    }

    pub(crate) async fn history(&self, guest: &Guest) -> Result<Answer, String> {
        let bearer = format!("Bearer {}", guest.token);
        let headers = [("Authorization", bearer.as_str())];
        self.ask(Method::GET, &guest.path("messages"), &headers, "").await
    }

    pub(crate) async fn try_socket(&self, guest: &Guest) -> Result<Socket, String> {
        let request = self.http.ws(self.url(&guest.path("websocket"))).bearer_auth(&guest.token);
        let (_, frames) =
            request.max_frame_size(8 << 20).connect().await.map_err(|error| error.to_string())?;
        Ok(Socket(Box::new(frames)))
    }

    pub(crate) async fn socket(&self, guest: &Guest) -> Socket {
        self.try_socket(guest).await.unwrap()
    }

    /// The ids in the guest's conversation.
    pub(crate) async fn stored(&self, guest: &Guest) -> Vec<String> {
        let told = self.get(&format!("guests/{}", guest.id)).await;
        let ids = told["stored"].as_array().unwrap().iter();
        ids.map(|message| message["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Bytes as they are, and what comes back until the end, however that comes.
    pub(crate) async fn raw(&self, bytes: &str) -> (String, std::io::Result<()>) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer).await.map(|_| ());
        (String::from_utf8_lossy(&answer).into_owned(), end)
    }
}

pub(crate) struct Socket(pub(crate) Box<dyn Frames>);

impl Socket {
    pub(crate) async fn send(&mut self, id: &str) {
        self.0.send(Message::Text(message(id).into())).await.unwrap();
    }

    pub(crate) async fn next(&mut self) -> Option<Frame> {
        self.0.next().await?.ok()
    }

    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Frame::Text(text)) => String::from_utf8(text.to_vec()).unwrap(),
            other => panic!("expected a text frame, got {other:?}"),
        }
    }

    pub(crate) async fn json(&mut self) -> Value {
        let text = self.text().await;
        serde_json::from_str(&text).expect(&text)
    }

    pub(crate) async fn ack(&mut self, id: &str) {
        assert_eq!(self.json().await, json!({"type": "messageReceived", "messageId": id}));
    }

    /// How the socket ends: the code of its close frame, or 1006.
    pub(crate) async fn end(&mut self) -> u16 {
        match self.next().await {
            Some(Frame::Close(reason)) => reason.map_or(1005, |reason| reason.code.into()),
            None => 1006,
            other => panic!("expected the end, got {other:?}"),
        }
    }
}
