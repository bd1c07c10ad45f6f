//! Answers to what is not served: JSON as everywhere else, so that no client trips over HTML.

use std::future::ready;

use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Route, web};

use super::answer;
use crate::core::Refusal;

pub(crate) async fn path_unknown(request: HttpRequest) -> HttpResponse {
    not_found(&request)
}

pub(super) fn not_found(request: &HttpRequest) -> HttpResponse {
    let path: String = request.path().chars().take(128).collect();
    answer::refusal(&Refusal::new(404, "path.unknown", format!("nothing is served at `{path}`")))
}

/// The answer to every other method of a resource; `allowed` goes into `Allow` (RFC 9110 15.5.6).
pub(crate) fn method_not_allowed(allowed: &'static str) -> Route {
    web::to(move || ready(answer_method(allowed)))
}

pub(super) fn answer_method(allowed: &'static str) -> HttpResponse {
    let text = format!("only {allowed} is served here");
    let mut response = answer::refusal(&Refusal::new(405, "method.not.allowed", text));
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}
