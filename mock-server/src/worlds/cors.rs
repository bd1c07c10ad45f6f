//! What browsers ask of a server of another origin (Fetch, 3.2 "CORS protocol"). An origin that is
//! not allowed is refused as the real cloud does: 403 `origin.not.allowed`, at a handshake too, and
//! without the headers that would let a page read it.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::core::Refusal;

const PRIVATE_NETWORK: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE: HeaderName = HeaderName::from_static("access-control-allow-private-network");
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What a page may read beside the few headers that it always may.
const EXPOSED: &str = "Retry-After, Date";
/// Two hours, the most that Chromium takes, would hide changes from who is developing.
const MAX_AGE_SECONDS: &str = "5";

/// Where a request comes from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    /// No browser, or a page of ours.
    Own,
    /// A page from elsewhere that may read answers.
    Allowed(HeaderValue),
    Refused,
}

impl Origin {
    pub(super) fn of(request: &ServiceRequest, allowed: &[String]) -> Self {
        let Some(origin) = request.headers().get(header::ORIGIN) else { return Self::Own };
        let text = origin.to_str().unwrap_or_default();
        if is_own(text, request) {
            return Self::Own;
        }
        if allowed.is_empty() || allowed.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            Self::Allowed(origin.clone())
        } else {
            Self::Refused
        }
    }

    /// Lets the page read the answer.
    pub(super) fn mark(&self, headers: &mut HeaderMap) {
        let Self::Allowed(origin) = self else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        let exposed = HeaderValue::from_static(EXPOSED);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// Whether the page is one of this server's.
fn is_own(origin: &str, request: &ServiceRequest) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let of_page = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && of_page == host
}

/// The answer to a preflight; `None` when the request is none.
pub(super) fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    let headers = request.headers();
    if request.method() != Method::OPTIONS
        || !headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    {
        return None;
    }
    let mut answer: HttpResponseBuilder = HttpResponse::NoContent();
    answer.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    answer.insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS));
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone()));
    }
    if headers.contains_key(PRIVATE_NETWORK) {
        answer.insert_header((ALLOW_PRIVATE, "true"));
    }
    Some(answer.finish())
}

pub(super) fn refusal() -> Refusal {
    Refusal::new(403, "origin.not.allowed", "this origin is not on the deployment's list")
}
