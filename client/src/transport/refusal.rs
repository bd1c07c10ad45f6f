//! Keeps what a refused WebSocket handshake says.
//!
//! awc reduces a refused handshake to its status, and with it goes the `Retry-After` the client
//! must obey. This middleware puts both into the error. Without it the client still works, but
//! treats every refused handshake as one that named no time: [`Http`](super::Http) always has it.

use actix_service::Service;
use awc::error::SendRequestError;
use awc::http::StatusCode;
use awc::http::header::RETRY_AFTER;
use awc::middleware::Transform;
use awc::{ConnectRequest, ConnectResponse};
use futures_util::future::{FutureExt as _, LocalBoxFuture};
use thiserror::Error;

/// A handshake that was answered with something other than 101.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("handshake refused with status {status}")]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After` as sent, when it was readable text.
    pub retry_after: Option<String>,
}

/// The middleware.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct KeepRefusals;

/// The service [`KeepRefusals`] makes.
#[derive(Debug)]
pub(super) struct KeepRefusalsService<S> {
    inner: S,
}

impl<S> Transform<S, ConnectRequest> for KeepRefusals
where
    S: Service<ConnectRequest, Response = ConnectResponse, Error = SendRequestError> + 'static,
{
    type Transform = KeepRefusalsService<S>;

    fn new_transform(self, inner: S) -> Self::Transform {
        KeepRefusalsService { inner }
    }
}

impl<S> Service<ConnectRequest> for KeepRefusalsService<S>
where
    S: Service<ConnectRequest, Response = ConnectResponse, Error = SendRequestError> + 'static,
{
    type Response = ConnectResponse;
    type Error = SendRequestError;
    type Future = LocalBoxFuture<'static, Result<ConnectResponse, SendRequestError>>;

    actix_service::forward_ready!(inner);

    fn call(&self, request: ConnectRequest) -> Self::Future {
        let answer = self.inner.call(request);
        async move {
            match answer.await? {
                ConnectResponse::Tunnel(head, _)
                    if head.status != StatusCode::SWITCHING_PROTOCOLS =>
                {
                    let retry_after = head.headers.get(RETRY_AFTER);
                    let retry_after = retry_after.and_then(|value| value.to_str().ok());
                    let refused = Refused {
                        status: head.status.as_u16(),
                        retry_after: retry_after.map(str::to_owned),
                    };
                    Err(SendRequestError::Custom(Box::new(refused), Box::new("handshake")))
                }
                answer => Ok(answer),
            }
        }
        .boxed_local()
    }
}
