//! Reads what every request has: a bearer, a query and a bounded body.

use std::collections::BTreeMap;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, web};
use bytes::Bytes;

use crate::core::Refusal;

/// The credentials of `Authorization: Bearer <token>`; the scheme is case-insensitive (RFC 9110
/// 11.1), any other scheme counts as none.
pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked("bearer ".len())?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer ") && !token.is_empty()).then_some(token)
}

/// One parameter of the query; an empty one is there, and empty.
pub(super) fn query(request: &HttpRequest, name: &str) -> Option<String> {
    web::Query::<BTreeMap<String, String>>::from_query(request.query_string())
        .ok()
        .and_then(|query| query.into_inner().remove(name))
}

/// The whole body, up to `limit` bytes.
pub(crate) async fn body(payload: web::Payload, limit: usize) -> Result<Bytes, Refusal> {
    match payload.to_bytes_limited(limit).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(Refusal::json_malformed(&error.to_string())),
        Err(_) => Err(Refusal::body_too_large(limit)),
    }
}
