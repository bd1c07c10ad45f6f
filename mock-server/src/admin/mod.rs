//! The control API: `/__holdline/`, for one tenant at a time. Which one is said as everywhere: by
//! `/t/KEY/__holdline/...`, by `Holdline-Tenant: KEY`, or by `KEY.localhost`. It is for who
//! connects from this machine, or for who sends the control token when there is one; a page of
//! another origin is refused either way. Durations are texts like `"250ms"`; times are
//! milliseconds on the tenant's clock. What is wrong is answered with the same
//! `{status, code, message, field}` as everywhere.
//!
//! | call | what it does |
//! |---|---|
//! | `GET .` | this list, in short; to a browser the dashboard |
//! | `GET guest` | a page of a guest, for trying without any client |
//! | `GET status` | `{tenant, nowMs, speed, guests: [{guest, gone, stored, said, sockets}], openSockets, faults, lastSeq}` |
//! | `POST reset` | this tenant starts over: no guests, faults, journal; its sockets are closed with 1001 |
//! | `GET tenants`, `DELETE tenants/{key}` | every tenant; end one |
//! | `GET guests/{guest}` | its conversation: `{guest, stored: [{id, content, road}], said: [...]}` |
//! | `POST guests/forget` | every guest is gone (410) |
//! | `POST tokens/expire` | every token has expired |
//! | `POST sockets/close` | `{code?, reason?, guest?}`: ends sockets; code 1006 drops them |
//! | `POST network/hold`, `POST network/release` | for all tenants: nothing passes on any other connection, as in a partition, until it is released |
//! | `POST agent/say` | `{text, guest?, count?, perSecond?}`; in `text`, `{n}` is the number of the message |
//! | `POST agent/type` | `{guest?}`: a frame of type `typing` |
//! | `PUT agent/script`, `GET`, `DELETE` | a script in TOML: `[[answer]]` with `when` (a text that is contained, whatever its case; none is all), `say` (texts; `{text}` is what was said, `{n}` which answer it is), `after`, `typing`, `times` |
//! | `GET faults/kinds` | every kind, what it does, its parameters and where it can strike |
//! | `POST faults` | `{kind, <parameters>, endpoint?, nth?, count?, probability?, seed?, from?, for?, guest?}` → 201 `{id, ...}` |
//! | `GET faults`, `DELETE faults` | what is armed; disarm everything |
//! | `GET faults/{id}`, `DELETE faults/{id}` | one of them |
//! | `POST storms/{name}`, `GET storms` | a named set of faults at once |
//! | `GET journal` | JSON lines; `?after=SEQ&limit=N&kind=a,b&guest=&message=&text=`; `Holdline-Next` is the number to ask after next, `Holdline-Missed` counts what was forgotten |
//! | `GET journal/stream` | the same as server-sent events (`id` is the number), from `Last-Event-ID` or `after` on |
//! | `GET clock`, `PUT clock`, `POST clock/advance` | `{nowMs, speed}`; `{speed}`; `{by}` |
//! | `POST expect` | `{message, guest?, times?, after?, within?}` waits and answers 200 or 417 with a readable diff |
//! | `GET verdict` | what the server-side oracles say about everything since the last reset |
//! | `GET plan` | what was seen, as a plan for `holdline replay` |

mod agent;
mod body;
mod clock;
mod expect;
mod faults;
mod gate;
mod journal;
mod page;
mod plan;
mod script;
mod state;
mod verdict;

pub(crate) use script::Script;

use actix_web::http::header::ACCEPT;
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

pub(crate) fn routes(config: &mut ServiceConfig) {
    let scope = web::scope("/__holdline")
        .wrap(from_fn(gate::gate))
        .route("", web::get().to(index))
        .route("/", web::get().to(index))
        .configure(state::routes)
        .configure(agent::routes)
        .configure(script::routes)
        .configure(faults::routes)
        .configure(journal::routes)
        .configure(clock::routes)
        .configure(expect::routes)
        .configure(verdict::routes)
        .configure(plan::routes)
        .configure(page::routes)
        .default_service(web::to(crate::api::fallback::path_unknown));
    config.service(scope);
}

/// The calls that there are.
const CALLS: [&str; 31] = [
    "GET status",
    "POST reset",
    "GET tenants",
    "DELETE tenants/{key}",
    "GET guests/{guest}",
    "POST guests/forget",
    "POST tokens/expire",
    "POST sockets/close",
    "POST network/hold",
    "POST network/release",
    "POST agent/say",
    "POST agent/type",
    "PUT agent/script",
    "GET agent/script",
    "DELETE agent/script",
    "GET faults/kinds",
    "GET faults",
    "POST faults",
    "DELETE faults",
    "GET faults/{id}",
    "DELETE faults/{id}",
    "GET storms",
    "POST storms/{name}",
    "GET journal",
    "GET journal/stream",
    "GET clock",
    "PUT clock",
    "POST clock/advance",
    "POST expect",
    "GET verdict",
    "GET plan",
];

async fn index(request: HttpRequest) -> HttpResponse {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return page::dashboard(request.path());
    }
    json(&serde_json::json!({"calls": CALLS, "documents": ["/openapi.json", "/asyncapi.json"]}))
}

/// 200 with a JSON body.
fn json(value: &impl serde::Serialize) -> HttpResponse {
    HttpResponse::Ok().json(value)
}
