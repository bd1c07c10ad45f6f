//! `POST` and `GET /api/v2/webchat/instances/{id}/messages`: the REST road of article 000, and
//! the history that lets a client catch up.

use actix_web::web::{self, Path, Payload};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, Resource};

use super::here::Here;
use super::{answer, fallback, request};
use crate::core::Caller;
use crate::journal::{Entry, RequestNumber, excerpt};

pub(super) fn resource() -> Resource {
    web::resource("/{id}/messages")
        .route(web::post().to(post))
        .route(web::get().to(history))
        .default_service(fallback::method_not_allowed("GET, POST"))
}

#[tracing::instrument(level = "debug", skip_all, name = "post message", fields(%instance))]
async fn post(
    Here(cloud): Here,
    instance: Path<String>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let body = match request::body(payload, cloud.limits().body_bytes).await {
        Ok(body) => body,
        Err(refusal) => return answer::refusal(&refusal),
    };
    cloud.note(|| Entry::Posted {
        request: http.extensions().get::<RequestNumber>().map_or(0, |number| number.0),
        guest: excerpt(&instance),
        text: excerpt(&String::from_utf8_lossy(&body)),
    });
    let caller = Caller::Rest { instance: instance.as_str(), token: request::bearer(&http) };
    let reply = cloud.with(|core, now, out| core.message(now, caller, &body, out));
    answer::deliver(&cloud, &http, reply).await
}

#[tracing::instrument(level = "debug", skip_all, name = "read history", fields(%instance))]
async fn history(Here(cloud): Here, instance: Path<String>, http: HttpRequest) -> HttpResponse {
    let token = request::bearer(&http);
    let after = request::query(&http, "after");
    let reply = cloud
        .with(|core, now, out| core.history(now, instance.as_str(), token, after.as_deref(), out));
    answer::deliver(&cloud, &http, reply).await
}
