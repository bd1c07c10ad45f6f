//! A served cloud, a client for it, and what the cloud told its observer.

use std::future::Future;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_http::ws::{Frame, Message};
use actix_web::http::header::HeaderMap;
use futures_util::{SinkExt, Stream, StreamExt};
use holdline_mock_server::{
    Clock, Cloud, CloudConfig, CloudEvent, Endpoint, Fault, FaultRule, Now, Observer, serve_until,
};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::frames::Frames;
use crate::silence::never_comes;

pub(crate) const OAUTH: &str = "holdline-oauth";
pub(crate) const GUESTS: &str = "/api/v2/webchat/guests";
pub(crate) const REFRESH: &str = "/api/v2/conversations/messaging/guests";

pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/../fixtures/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Same keys, same types, same literals where a client decides by them.
#[track_caller]
pub(crate) fn assert_like_fixture(actual: &Value, name: &str) {
    assert_same_shape(actual, &fixture(name), name);
}

#[track_caller]
fn assert_same_shape(actual: &Value, expected: &Value, at: &str) {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => {
            let keys =
                |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(actual), keys(expected), "keys at {at}");
            for (key, value) in expected {
                let at = format!("{at}.{key}");
                if ["type", "status", "code", "field", "retryAfter", "sequence", "more"]
                    .contains(&key.as_str())
                {
                    assert_eq!(&actual[key], value, "at {at}");
                }
                assert_same_shape(&actual[key], value, &at);
            }
        }
        (Value::Array(actual), Value::Array(expected)) => {
            for value in actual {
                assert_same_shape(value, &expected[0], at);
            }
        }
        (actual, expected) => {
            let same = std::mem::discriminant(actual) == std::mem::discriminant(expected);
            assert!(same, "{at}: {actual} is not of the type of {expected}");
        }
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.body["code"]), (status, &Value::from(code)));
        assert_eq!(self.body["status"], status);
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

#[derive(Clone)]
pub(crate) struct Guest {
    pub(crate) instance: String,
    pub(crate) token: String,
}

impl Guest {
    fn from(grant: &Value) -> Self {
        let text = |name: &str| grant[name].as_str().unwrap().to_owned();
        Self { instance: text("webchatInstanceId"), token: text("token") }
    }

    pub(crate) fn messages(&self) -> String {
        format!("/api/v2/webchat/instances/{}/messages", self.instance)
    }

    pub(crate) fn websocket(&self) -> String {
        format!("/api/v2/webchat/instances/{}/websocket", self.instance)
    }
}

pub(crate) fn message(id: &str) -> String {
    format!(r#"{{"type":"message","content":"text of {id}","messageId":"{id}"}}"#)
}

pub(crate) struct Mock {
    pub(crate) cloud: Cloud,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) http: awc::Client,
    elapsed: Arc<Mutex<Duration>>,
    events: mpsc::UnboundedReceiver<CloudEvent>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

impl Mock {
    pub(crate) fn start() -> Self {
        Self::with(CloudConfig::default())
    }

    pub(crate) fn with(config: CloudConfig) -> Self {
        let elapsed = Arc::new(Mutex::new(Duration::ZERO));
        let shown = Arc::clone(&elapsed);
        let clock = Clock::new(move || {
            let mono = *shown.lock().unwrap();
            Now { mono, wall: Duration::from_secs(1_700_000_000) + mono }
        });
        let (tell, events) = mpsc::unbounded_channel();
        let observer = Observer::new(move |event: &CloudEvent| {
            // A test that has ended no longer listens.
            let _ = tell.send(event.clone());
        });
        let cloud = Cloud::new(config, clock, 7, observer);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = actix_rt::spawn(serve_until(cloud.clone(), listener, async {
            let _ = stopped.await;
        }));
        let (stop, served) = (Some(stop), Some(served));
        let http = awc::Client::builder().disable_timeout().finish();
        Self { cloud, address, http, elapsed, events, stop, served }
    }

    pub(crate) fn advance(&self, by: Duration) {
        *self.elapsed.lock().unwrap() += by;
    }

    pub(crate) fn begin_stop(&mut self) -> JoinHandle<std::io::Result<()>> {
        drop(self.stop.take());
        self.served.take().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn post(&self, path: &str, bearer: Option<&str>, body: &str) -> Answer {
        self.try_post(path, bearer, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: &str,
    ) -> Result<Answer, awc::error::SendRequestError> {
        let mut request = self.http.post(self.url(path)).content_type("application/json");
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        read(request.send_body(body.to_owned()).await?).await
    }

    pub(crate) async fn get(&self, path: &str, bearer: Option<&str>) -> Answer {
        let mut request = self.http.get(self.url(path));
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        read(request.send().await.unwrap()).await.unwrap()
    }

    /// Posts and expects never to be answered.
    pub(crate) async fn post_into_silence(&mut self, path: &str, bearer: &str, body: &str) {
        let request = self.http.post(self.url(path)).bearer_auth(bearer);
        self.assert_unanswered(request.send_body(body.to_owned())).await;
    }

    /// What is asked is struck by a fault, and never answered.
    pub(crate) async fn assert_unanswered<T>(&mut self, asked: impl Future<Output = T>) {
        let mut asked = std::pin::pin!(asked);
        tokio::select! {
            biased;
            _ = &mut asked => panic!("it is answered"),
            _ = self.event(|event| matches!(event, CloudEvent::FaultFired { .. })) => {}
        }
        never_comes(asked).await;
    }

    pub(crate) async fn guest(&self) -> Guest {
        let body = fixture("create-guest.request").to_string();
        let answer = self.post(GUESTS, Some(OAUTH), &body).await;
        assert_eq!(answer.status, 200);
        Guest::from(&answer.body)
    }

    pub(crate) async fn refresh(&self, bearer: &str) -> Guest {
        let answer = self.post(REFRESH, Some(bearer), "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Guest::from(&answer.body)
    }

    pub(crate) async fn socket(&self, guest: &Guest) -> Socket {
        let request = self.http.ws(self.url(&guest.websocket())).bearer_auth(&guest.token);
        Socket::new(request.connect().await.unwrap().1)
    }

    pub(crate) fn arm(&self, fault: impl Into<Fault>, endpoint: Endpoint) {
        self.cloud.arm(FaultRule::at(fault, endpoint, 1, 1));
    }

    /// Waits for an event that `wanted` accepts; those before it are dropped.
    pub(crate) async fn event(&mut self, wanted: impl Fn(&CloudEvent) -> bool) -> CloudEvent {
        loop {
            let event = self.events.recv().await.unwrap();
            if wanted(&event) {
                return event;
            }
        }
    }

    pub(crate) fn ids(&self, guest: &Guest) -> Vec<String> {
        let stored = self.cloud.conversation(&guest.instance);
        stored.into_iter().map(|message| message.id).collect()
    }
}

async fn read<S>(
    mut response: awc::ClientResponse<S>,
) -> Result<Answer, awc::error::SendRequestError>
where
    S: Stream<Item = Result<bytes::Bytes, actix_http::error::PayloadError>>,
{
    let status = response.status().as_u16();
    let headers: HeaderMap = response.headers().clone();
    let bytes = response.body().await.unwrap();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Answer { status, headers, body })
}

pub(crate) struct Socket(pub(crate) Box<dyn Frames>);

impl Socket {
    pub(crate) fn new(frames: impl Frames + 'static) -> Self {
        Self(Box::new(frames))
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.0.send(Message::Text(text.into())).await.unwrap();
    }

    pub(crate) async fn frame(&mut self) -> Frame {
        self.0.next().await.unwrap().unwrap()
    }

    pub(crate) async fn json(&mut self) -> Value {
        match self.frame().await {
            Frame::Text(text) => serde_json::from_slice(&text).unwrap(),
            other => panic!("expected a text frame, got {other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn assert_ack(frame: &Value, id: &str) {
        assert_like_fixture(frame, "message-received.frame");
        assert_eq!(frame["messageId"], id);
    }

    pub(crate) async fn ack(&mut self, id: &str) {
        let frame = self.json().await;
        Self::assert_ack(&frame, id);
    }

    /// The code of the close frame that comes next; 1005 when it names none.
    pub(crate) async fn close_code(&mut self) -> u16 {
        match self.frame().await {
            Frame::Close(reason) => reason.map_or(1005, |reason| reason.code.into()),
            other => panic!("expected a close frame, got {other:?}"),
        }
    }

    /// The connection ends without a close frame.
    pub(crate) async fn assert_dropped(&mut self) {
        let next = self.0.next().await;
        assert!(matches!(next, None | Some(Err(_))), "{next:?}");
    }
}
