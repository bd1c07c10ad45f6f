//! `POST /api/v2/webchat/guests`, from article 000.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::{answer, request, schema};
use crate::cloud::Cloud;
use crate::profile::articles;

#[utoipa::path(
    post,
    path = "/api/v2/webchat/guests",
    tag = "articles",
    summary = "Creates a guest with its conversation and token",
    request_body = schema::NewGuest,
    security(("oauth" = [])),
    responses(
        (status = 200, description = "The guest", body = schema::Grant),
        (status = "4XX", description = "Refused", body = schema::Refusal),
        (status = "5XX", description = "A fault on purpose", body = schema::Refusal),
    ),
)]
#[tracing::instrument(level = "debug", skip_all, name = "create guest")]
pub(super) async fn create(cloud: &Cloud, http: &HttpRequest, payload: Payload) -> HttpResponse {
    let body = match request::body(payload, cloud.limits().body_bytes).await {
        Ok(body) => body,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let oauth = request::bearer(http);
    let profile = articles::guest_profile(&body);
    let reply = cloud.with(|layer, now, out| layer.create_guest(now, oauth, profile, out));
    answer::deliver(cloud, http, reply, articles::grant).await
}
