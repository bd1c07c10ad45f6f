//! The REST calls, each one request and one answer.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use actix_http::error::ParseError;
use awc::ClientRequest;
use awc::error::{SendRequestError, WsClientError};
use awc::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use bytes::Bytes;
use uuid::Uuid;

use super::Http;
use super::refusal::Refused;
use super::socket::{Attended, Connection, Heard};
use crate::core::config::Config;
use crate::core::credentials::{Credentials, Issued};
use crate::core::inbound::Page;
use crate::core::profile::articles::{codec, paths};
use crate::core::request_error::RequestError;

/// Largest answer read: 1 MiB, far above a full page of history.
const BODY_MAX: usize = 1 << 20;

/// Largest frame accepted from the server: 64 KiB.
const FRAME_MAX: usize = 64 * 1024;

/// awc's own timeout, which only guards against a machine that forgets; the machines' deadlines
/// are shorter.
const BACKSTOP: Duration = Duration::from_mins(5);

/// The server, as one client sees it.
#[derive(Clone)]
pub(crate) struct Api {
    http: awc::Client,
    base: Rc<str>,
    oauth_token: Rc<str>,
    guest_body: Rc<str>,
}

impl Api {
    pub(crate) fn new(config: &Config, http: Http) -> Self {
        Self {
            http: http.into_awc(),
            base: config.base_url.trim_end_matches('/').into(),
            oauth_token: config.oauth_token.as_str().into(),
            guest_body: codec::guest_body(&config.guest).into(),
        }
    }

    pub(crate) fn create_guest(
        &self,
    ) -> impl Future<Output = Result<Issued, RequestError>> + 'static {
        let request = self.http.post(paths::guests(&self.base)).bearer_auth(&self.oauth_token);
        let body = self.guest_body.to_string();
        async move { codec::issued(&answer(request, Some(body)).await?) }
    }

    pub(crate) fn refresh(
        &self,
        guest: &Credentials,
    ) -> impl Future<Output = Result<Issued, RequestError>> + 'static {
        let request = self.http.post(paths::refresh(&self.base)).bearer_auth(&guest.token);
        async move { codec::issued(&answer(request, None).await?) }
    }

    pub(crate) fn post_message(
        &self,
        guest: &Credentials,
        id: Uuid,
        text: &str,
    ) -> impl Future<Output = Result<(), RequestError>> + 'static {
        let url = paths::messages(&self.base, guest);
        let request = self.http.post(url).bearer_auth(&guest.token);
        let body = codec::message_body(id, text);
        async move { codec::acknowledged(&answer(request, Some(body)).await?, id) }
    }

    pub(crate) fn history(
        &self,
        guest: &Credentials,
        after: u64,
    ) -> impl Future<Output = Result<Page, RequestError>> + 'static {
        let url = paths::history(&self.base, guest, after);
        let request = self.http.get(url).bearer_auth(&guest.token);
        async move { codec::page(&answer(request, None).await?) }
    }

    pub(crate) fn open_socket(
        &self,
        guest: &Credentials,
    ) -> impl Future<Output = Result<Connection, RequestError>> + 'static {
        let url = paths::socket(&self.base, guest);
        let request = self.http.ws(url).bearer_auth(&guest.token).max_frame_size(FRAME_MAX);
        async move {
            match request.connect().await {
                Ok((_, framed)) => {
                    let heard = Heard::default();
                    let attend = |io| Attended::new(io, heard.clone());
                    Ok(Connection::new(framed.into_map_io(attend), heard.clone()))
                }
                Err(error) => Err(handshake_fault(&error)),
            }
        }
    }
}

async fn answer(request: ClientRequest, body: Option<String>) -> Result<Bytes, RequestError> {
    let request = request.timeout(BACKSTOP).insert_header((ACCEPT, "application/json"));
    let sent = match body {
        Some(body) => request.insert_header((CONTENT_TYPE, "application/json")).send_body(body),
        None => request.send(),
    };
    let mut response = sent.await.map_err(|error| request_fault(&error))?;
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = response.body().limit(BODY_MAX).await;
    if status.is_success() {
        return body.map_err(|_| RequestError::Network);
    }
    // The status alone decides; a body that cannot be read only costs the machine code.
    let code = body.map(|body| codec::code(&body)).unwrap_or_default();
    Err(RequestError::Status { status: status.as_u16(), code, retry_after })
}

fn request_fault(error: &SendRequestError) -> RequestError {
    tracing::debug!(%error, "request failed");
    match error {
        SendRequestError::Timeout => RequestError::Timeout,
        // A connection that breaks before its answer is whole is reported as one that cannot be read.
        SendRequestError::Response(ParseError::Io(_) | ParseError::Incomplete) => {
            RequestError::Network
        }
        SendRequestError::Response(_) => RequestError::Malformed,
        SendRequestError::Custom(error, _) => {
            error.downcast_ref::<Refused>().map_or(RequestError::Network, |refused| {
                RequestError::Status {
                    status: refused.status,
                    code: String::new(),
                    retry_after: refused.retry_after.clone(),
                }
            })
        }
        _ => RequestError::Network,
    }
}

fn handshake_fault(error: &WsClientError) -> RequestError {
    match error {
        WsClientError::InvalidResponseStatus(status) => {
            RequestError::Status { status: status.as_u16(), code: String::new(), retry_after: None }
        }
        WsClientError::SendRequest(error) => request_fault(error),
        error => {
            tracing::debug!(%error, "handshake failed");
            RequestError::Malformed
        }
    }
}
