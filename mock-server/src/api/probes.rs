//! `GET /health` and `GET /ready`: alive as long as it answers; ready until it begins to stop.

use std::rc::Rc;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::fallback;
use crate::serve::Connection;

pub(crate) fn routes(config: &mut ServiceConfig) {
    let probe = |path: &str| {
        web::resource(path.to_owned()).default_service(fallback::method_not_allowed("GET"))
    };
    config
        .service(probe("/health").route(web::get().to(health)))
        .service(probe("/ready").route(web::get().to(ready)));
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"status": "ok"}))
}

async fn ready(request: HttpRequest) -> HttpResponse {
    let stopping =
        request.conn_data::<Rc<Connection>>().is_some_and(|connection| connection.is_draining());
    let (status, word) = if stopping {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else {
        (StatusCode::OK, "ready")
    };
    HttpResponse::build(status).json(serde_json::json!({"status": word}))
}
