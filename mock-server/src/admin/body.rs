//! Reads what a control call brings: a JSON object, an empty body being an empty one, a text, and
//! the world that it is about.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;

use crate::api::{answer, request};
use crate::core::Refusal;
use crate::worlds::World;

/// Longest body of a control call; a script is the longest thing that anybody sends.
const MAX_BYTES: usize = 256 * 1024;

/// The world of the tenant that the call names.
pub(super) struct Tenant(pub(super) Arc<World>);

impl FromRequest for Tenant {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let world = request.extensions().get::<Arc<World>>().cloned();
        ready(Ok(Self(world.unwrap_or_else(|| unreachable!("the front finds the world")))))
    }
}

pub(super) async fn json<T: DeserializeOwned>(payload: web::Payload) -> Result<T, Refusal> {
    let text = self::text(payload).await?;
    let text = if text.trim().is_empty() { "{}" } else { &text };
    serde_json::from_str(text).map_err(|error| Refusal::json_malformed(&error.to_string()))
}

pub(super) async fn text(payload: web::Payload) -> Result<String, Refusal> {
    let bytes = request::body(payload, MAX_BYTES).await?;
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Refusal::new(400, "text.malformed", "the body is not UTF-8"))
}

/// What a call answers: its result, or why not.
pub(super) fn answered(result: Result<HttpResponse, Refusal>) -> HttpResponse {
    result.unwrap_or_else(|refused| answer::refusal(&refused))
}
