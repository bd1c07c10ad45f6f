//! `fetch`: one request over REST and what comes back.

use std::fmt;
use std::time::Duration;

use awc::ClientRequest;
use awc::http::header::{CONTENT_TYPE, RETRY_AFTER};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::defect::Defect;
use super::client::Client;
use super::clock::within;
use super::doors::Door;

/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Largest answer read.
const BODY_MAX: usize = 1 << 20;

/// An answer that is none of those hoped for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// None came, or none in time.
    NoAnswer,
    /// It cannot be read.
    Malformed,
    /// The cloud says no.
    Status {
        status: u16,
        /// Its machine code; empty when there is none.
        code: String,
        retry_after: Option<String>,
    },
}

impl Fault {
    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::NoAnswer | Self::Malformed => None,
        }
    }

    /// `fetch` throws only when there is no answer; nobody looks at the status.
    pub(super) fn only_silence(self) -> Result<Bytes, Self> {
        if self.status().is_some() { Ok(Bytes::new()) } else { Err(self) }
    }

    /// Whether the guest is gone, and not just a path that some proxy does not know.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Self::Status { status: 410, .. } => true,
            Self::Status { status: 404, code, .. } => {
                code == "instance.unknown" || code == "guest.none"
            }
            _ => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer => f.write_str("no answer"),
            Self::Malformed => f.write_str("malformed answer"),
            Self::Status { status, .. } => write!(f, "status {status}"),
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    code: String,
}

impl Client {
    /// Asks at a door; the body of a good answer.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        door: Door,
        request: ClientRequest,
        body: Option<String>,
    ) -> Result<T, Fault> {
        self.wait_for(door).await;
        let answer = self.ask(request, body).await;
        if let Err(Fault::Status { status, retry_after, .. }) = &answer {
            self.told(door, *status, retry_after.as_deref());
        }
        serde_json::from_slice(&answer?).map_err(|_| Fault::Malformed)
    }

    /// Asks at once.
    pub(super) async fn ask(
        &self,
        request: ClientRequest,
        body: Option<String>,
    ) -> Result<Bytes, Fault> {
        let limit = (!self.has(Defect::A11)).then_some(ANSWER_WITHIN);
        within(limit, exchange(request, body)).await.unwrap_or(Err(Fault::NoAnswer))
    }
}

/// An address of the cloud.
pub(super) fn url(path: &str) -> String {
    format!("http://cloud/api/v2/{path}")
}

async fn exchange(request: ClientRequest, body: Option<String>) -> Result<Bytes, Fault> {
    let sent = match body {
        Some(body) => request.insert_header((CONTENT_TYPE, "application/json")).send_body(body),
        None => request.send(),
    };
    let mut response = sent.await.map_err(|_| Fault::NoAnswer)?;
    let status = response.status();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = response.body().limit(BODY_MAX).await;
    if status.is_success() {
        return body.map_err(|_| Fault::NoAnswer);
    }
    let read = body.ok().and_then(|body| serde_json::from_slice::<ErrorBody>(&body).ok());
    let code = read.map(|body| body.code).unwrap_or_default();
    Err(Fault::Status { status: status.as_u16(), code, retry_after })
}
