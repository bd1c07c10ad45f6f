//! The dashboard and the guest page, as they lie in `page/`: plain files that a browser runs as they
//! are, in the binary. They hold no data, so they are served without the control token; what they
//! show, they ask the control API for.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{self, Path, ServiceConfig};

use crate::api::answer;
use crate::core::Refusal;

/// Nothing from anywhere else, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file beside the two pages, with its type.
const FILES: [(&str, &str, &str); 9] = [
    ("style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("api.js", SCRIPT, include_str!("page/api.js")),
    ("app.js", SCRIPT, include_str!("page/app.js")),
    ("chat.js", SCRIPT, include_str!("page/chat.js")),
    ("dom.js", SCRIPT, include_str!("page/dom.js")),
    ("faults.js", SCRIPT, include_str!("page/faults.js")),
    ("guest.js", SCRIPT, include_str!("page/guest.js")),
    ("journal.js", SCRIPT, include_str!("page/journal.js")),
    ("state.js", SCRIPT, include_str!("page/state.js")),
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/guest", web::get().to(|| async { html(include_str!("page/guest.html")) }))
        .route("/page/{file}", web::get().to(file));
}

/// The dashboard itself, which finds its files beside it only from behind the slash.
pub(super) fn dashboard(path: &str) -> HttpResponse {
    if path.ends_with('/') {
        return html(include_str!("page/index.html"));
    }
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "__holdline/")).finish()
}

async fn file(name: Path<String>) -> HttpResponse {
    match FILES.iter().find(|(file, ..)| *file == name.as_str()) {
        Some((_, kind, text)) => served(kind, text),
        None => answer::refusal(&Refusal::new(404, "path.unknown", "the page has no such file")),
    }
}

fn html(text: &'static str) -> HttpResponse {
    served("text/html; charset=utf-8", text)
}

fn served(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(text)
}
