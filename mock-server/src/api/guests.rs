//! `POST /api/v2/webchat/guests`, from article 000.

use actix_web::web::{self, Payload};
use actix_web::{HttpRequest, HttpResponse, Resource};

use super::here::Here;
use super::{answer, fallback, request};

pub(super) fn resource() -> Resource {
    web::resource("/api/v2/webchat/guests")
        .route(web::post().to(create))
        .default_service(fallback::method_not_allowed("POST"))
}

#[tracing::instrument(level = "debug", skip_all, name = "create guest")]
async fn create(Here(cloud): Here, http: HttpRequest, payload: Payload) -> HttpResponse {
    let body = match request::body(payload, cloud.limits().body_bytes).await {
        Ok(body) => body,
        Err(refusal) => return answer::refusal(&refusal),
    };
    let oauth = request::bearer(&http);
    let reply = cloud.with(|core, now, out| core.create_guest(now, oauth, &body, out));
    answer::deliver(&cloud, &http, reply).await
}
