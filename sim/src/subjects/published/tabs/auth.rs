//! The requests of the article's `auth.js`, and those that its SDK makes out of sight: a guest, a
//! socket, what was said before.
//!
//! Refuses to decide when: `sdk` does.

use std::fmt;
use std::time::Duration;

use actix_http::ws::{Frame, Message, ProtocolError};
use awc::ClientRequest;
use awc::error::{SendRequestError, WsClientError};
use awc::http::header::RETRY_AFTER;
use futures_util::{Sink, Stream};
use holdline_client::transport::Refused;
use serde::Deserialize;

use super::super::{defect::Defect, retry_after};
use super::store::Guest;
use super::window::Window;
use super::words::Payload;
use crate::subjects::http;

/// The bearer token that the mock takes by default.
const OAUTH_ACCESS_TOKEN: &str = "holdline-oauth";
const BASE: &str = "http://cloud";
/// As long as a browser's SDK would wait.
const TIME_OUT: Duration = Duration::from_secs(10);
/// The longest wait that a server can impose.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(120);

/// Both directions of an upgraded connection.
pub(super) trait Duplex:
    Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

impl<T> Duplex for T where
    T: Stream<Item = Result<Frame, ProtocolError>> + Sink<Message, Error = ProtocolError> + Unpin
{
}

/// An upgraded connection.
pub(super) type Framed = Box<dyn Duplex>;

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestError {
    /// The server refused.
    Status { status: u16, wait: Option<Duration> },
    /// There was no answer, or none that can be read.
    Network,
    /// It was called off.
    Cancelled,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status: 401, .. } => f.write_str("Authentication failed."),
            Self::Status { status: 403, .. } => f.write_str("Access denied."),
            Self::Status { status, .. } => write!(f, "status {status}"),
            Self::Network => f.write_str("no answer"),
            Self::Cancelled => f.write_str("called off"),
        }
    }
}

/// A page of history.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    pub(super) messages: Vec<Payload>,
    #[serde(default)]
    pub(super) more: bool,
}

/// The cloud, as one page sees it.
#[derive(Clone)]
pub(super) struct Api {
    window: Window,
    http: awc::Client,
}

impl Api {
    pub(super) fn new(window: &Window) -> Self {
        let http = http::client(window.page().net(), window.setting()).into_awc();
        Self { window: window.clone(), http }
    }

    pub(super) async fn create_guest(&self) -> Result<Guest, RequestError> {
        let request = self.http.post(format!("{BASE}/api/v2/webchat/guests"));
        let body = r#"{"guest":{"firstName":"Guest"}}"#;
        self.json(request.bearer_auth(OAUTH_ACCESS_TOKEN), body).await
    }

    /// `refreshGuestTokenViaAPI`.
    pub(super) async fn refresh_guest_token(&self, guest: &Guest) -> Result<Guest, RequestError> {
        loop {
            let url = format!("{BASE}/api/v2/conversations/messaging/guests");
            let request = self.http.post(url).bearer_auth(&guest.token);
            let refused = match self.raw(request, "").await {
                Ok(answer) => return read(&answer),
                Err(refused) => refused,
            };
            match refused {
                Refusal { status: 429, retry_after } if self.window.has(Defect::B24) => {
                    self.window.sleep(retry_after::published(retry_after.as_deref())).await;
                }
                refused => return Err(self.error(&refused)),
            }
        }
    }

    pub(super) async fn history(&self, guest: &Guest, after: u64) -> Result<History, RequestError> {
        let url = url_of(guest, &format!("messages?after={after}"));
        self.json(self.http.get(url).bearer_auth(&guest.token), "").await
    }

    pub(super) async fn open_socket(&self, guest: &Guest) -> Result<Framed, RequestError> {
        let request = self.http.ws(url_of(guest, "websocket")).bearer_auth(&guest.token);
        let connect = request.connect();
        tokio::select! {
            biased;
            opened = connect => match opened {
                Ok((_, framed)) => Ok(Box::new(framed)),
                Err(error) => Err(self.error(&handshake(&error))),
            },
            () = self.window.sleep(TIME_OUT) => Err(RequestError::Network),
        }
    }

    async fn json<T: for<'a> Deserialize<'a>>(
        &self,
        request: ClientRequest,
        body: &'static str,
    ) -> Result<T, RequestError> {
        match self.raw(request, body).await {
            Ok(answer) => read(&answer),
            Err(refused) => Err(self.error(&refused)),
        }
    }

    /// Nothing is kept alive: what the page holds is its socket.
    async fn raw(
        &self,
        request: ClientRequest,
        body: &'static str,
    ) -> Result<bytes::Bytes, Refusal> {
        let exchange = async {
            let mut answer = request
                .force_close()
                .insert_header(("Content-Type", "application/json"))
                .send_body(body)
                .await
                .map_err(|error| refused(&error))?;
            let status = answer.status();
            let retry_after = answer.headers().get(RETRY_AFTER);
            let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
            let body = answer.body().await.map_err(|_| Refusal::network())?;
            if status.is_success() {
                return Ok(body);
            }
            Err(Refusal { status: status.as_u16(), retry_after })
        };
        tokio::select! {
            biased;
            answer = exchange => answer,
            () = self.window.sleep(TIME_OUT) => Err(Refusal::network()),
        }
    }

    fn error(&self, refused: &Refusal) -> RequestError {
        let Refusal { status, retry_after } = refused;
        if *status == 0 {
            return RequestError::Network;
        }
        let wall = Duration::from_millis(self.window.date_now_ms());
        let asked = retry_after.as_deref().and_then(|value| retry_after::read(value, wall));
        let wait = asked.map(|asked| asked.min(RETRY_AFTER_MAX));
        RequestError::Status { status: *status, wait }
    }
}

fn url_of(guest: &Guest, rest: &str) -> String {
    format!("{BASE}/api/v2/webchat/instances/{}/{rest}", guest.instance)
}

/// A status, and when to ask again. Status 0 is no answer.
struct Refusal {
    status: u16,
    retry_after: Option<String>,
}

impl Refusal {
    fn network() -> Self {
        Self { status: 0, retry_after: None }
    }
}

fn read<T: for<'a> Deserialize<'a>>(answer: &[u8]) -> Result<T, RequestError> {
    serde_json::from_slice(answer).map_err(|_| RequestError::Network)
}

fn handshake(error: &WsClientError) -> Refusal {
    match error {
        WsClientError::SendRequest(error) => refused(error),
        _ => Refusal::network(),
    }
}

fn refused(error: &SendRequestError) -> Refusal {
    let SendRequestError::Custom(error, _) = error else { return Refusal::network() };
    error.downcast_ref::<Refused>().map_or_else(Refusal::network, |refused| Refusal {
        status: refused.status,
        retry_after: refused.retry_after.clone(),
    })
}
