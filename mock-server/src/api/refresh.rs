//! `POST /api/v2/conversations/messaging/guests`, from article 004.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};

use super::{answer, request, schema};
use crate::cloud::Cloud;
use crate::profile::articles;

#[utoipa::path(
    post,
    path = "/api/v2/conversations/messaging/guests",
    tag = "articles",
    summary = "Grants a guest a new token; its conversation stays",
    request_body = Option<schema::Refresh>,
    security(("guest" = []), ("oauth" = [])),
    responses(
        (status = 200, description = "The guest", body = schema::Grant),
        (status = "4XX", description = "Refused", body = schema::Refusal),
        (status = "5XX", description = "A fault on purpose", body = schema::Refusal),
    ),
)]
#[tracing::instrument(level = "debug", skip_all, name = "refresh token")]
pub(super) async fn refresh(cloud: &Cloud, http: &HttpRequest, payload: Payload) -> HttpResponse {
    let body = match request::body(payload, cloud.limits().body_bytes).await {
        Ok(body) => body,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let bearer = request::bearer(http);
    let instance = articles::instance_to_refresh(&body);
    let reply = cloud.with(|layer, now, out| layer.refresh(now, bearer, instance, out));
    answer::deliver(cloud, http, reply, articles::grant).await
}
