//! `POST` and `GET /api/v2/webchat/instances/{id}/messages`: the REST route of article 000, and
//! the history that lets a client catch up.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::{answer, request, schema};
use crate::cloud::Cloud;
use crate::core::Caller;
use crate::journal::{About, Entry, excerpt, excerpt_of};
use crate::profile::articles;

#[utoipa::path(
    post,
    path = "/api/v2/webchat/instances/{id}/messages",
    tag = "articles",
    summary = "Takes a message of the guest; one id is one message",
    params(("id" = String, Path, description = "The webchatInstanceId")),
    request_body = schema::GuestMessage,
    security(("guest" = [])),
    responses(
        (status = 200, description = "It is in the conversation", body = schema::Ack),
        (status = "4XX", description = "Refused", body = schema::Refusal),
        (status = "5XX", description = "A fault on purpose", body = schema::Refusal),
    ),
)]
pub(super) async fn post(
    cloud: &Cloud,
    number: u64,
    instance: &str,
    http: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    tracing::debug!(%instance, "post message");
    let body = match request::body(payload, cloud.limits().body_bytes).await {
        Ok(body) => body,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let caller = Caller::Rest { instance, token: request::bearer(http) };
    let message = articles::message(&body);
    let reply = cloud.with(|layer, now, out| {
        cloud.note(now, || Entry::Posted {
            request: number,
            guest: excerpt(instance),
            text: excerpt_of(&body),
            about: About::from(&message),
        });
        layer.message(now, caller, message, out)
    });
    answer::deliver(cloud, http, reply, articles::ack).await
}

#[utoipa::path(
    get,
    path = "/api/v2/webchat/instances/{id}/messages",
    tag = "articles",
    summary = "What the agent said, lowest sequence first",
    params(
        ("id" = String, Path, description = "The webchatInstanceId"),
        ("after" = Option<u64>, Query, description = "Only higher sequences"),
    ),
    security(("guest" = [])),
    responses(
        (status = 200, description = "A page", body = schema::Page),
        (status = "4XX", description = "Refused", body = schema::Refusal),
        (status = "5XX", description = "A fault on purpose", body = schema::Refusal),
    ),
)]
#[tracing::instrument(level = "debug", skip_all, name = "read history", fields(%instance))]
pub(super) async fn history(cloud: &Cloud, instance: &str, http: &HttpRequest) -> HttpResponse {
    let token = request::bearer(http);
    let after = articles::after(request::query(http, "after").as_deref());
    let reply = cloud.with(|layer, now, out| layer.history(now, instance, token, after, out));
    answer::deliver(cloud, http, reply, articles::page).await
}
