//! The HTTP surface: one file per resource, each a thin shell that reads a request, asks the core
//! and delivers its reply. No decision about guests, tokens or messages is made here.

pub(crate) mod answer;
pub(crate) mod document;
pub(crate) mod fallback;
mod guests;
mod messages;
pub(crate) mod probes;
mod refresh;
pub(crate) mod request;
mod schema;
pub(crate) mod shaped;
mod socket;
mod tamper;

use std::borrow::Cow;

use actix_web::http::Method;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::percent_decode_str;

use crate::cloud::Cloud;

/// The routes of the `articles` profile over `cloud`, with JSON answers to unknown paths (404
/// `path.unknown`) and methods (405 `method.not.allowed`):
///
/// ```
/// # use holdline_mock_server::{Clock, Cloud, CloudConfig, Observer, routes};
/// # let cloud = Cloud::new(CloudConfig::default(), Clock::system(), 7, Observer::none());
/// let app = actix_web::App::new().configure(routes(&cloud));
/// # let _ = app;
/// ```
pub fn routes(cloud: &Cloud) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let cloud = cloud.clone();
    move |config| {
        config.app_data(web::Data::new(cloud)).default_service(web::to(alone));
    }
}

async fn alone(cloud: Data<Cloud>, http: HttpRequest, payload: Payload) -> HttpResponse {
    resource(&cloud, 0, &http, payload).await
}

/// Answers the request of this number in the journal of `cloud`. The doors are few and their paths plain:
/// they are told apart by what they are, which takes a fraction of the time of a router's search. Those
/// that are seldom asked for are boxed, or every message would carry the room that they need.
pub(crate) async fn resource(
    cloud: &Cloud,
    number: u64,
    http: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let (path, method) = (http.match_info().as_str(), http.method());
    match path {
        "/api/v2/webchat/guests" if method == Method::POST => {
            return Box::pin(guests::create(cloud, http, payload)).await;
        }
        "/api/v2/conversations/messaging/guests" if method == Method::POST => {
            return Box::pin(refresh::refresh(cloud, http, payload)).await;
        }
        "/api/v2/webchat/guests" | "/api/v2/conversations/messaging/guests" => {
            return fallback::answer_method("POST");
        }
        _ => {}
    }
    let of_instance = path.strip_prefix("/api/v2/webchat/instances/");
    let Some((instance, door)) = of_instance.and_then(|rest| rest.split_once('/')) else {
        return fallback::not_found(http);
    };
    let instance = &*decoded(instance);
    match door {
        _ if instance.is_empty() => fallback::not_found(http),
        "messages" if method == Method::POST => {
            messages::post(cloud, number, instance, http, payload).await
        }
        "messages" if method == Method::GET => {
            Box::pin(messages::history(cloud, instance, http)).await
        }
        "messages" => fallback::answer_method("GET, POST"),
        "websocket" if method == Method::GET => {
            Box::pin(socket::handshake(cloud, instance, http, payload)).await
        }
        "websocket" => fallback::answer_method("GET"),
        _ => fallback::not_found(http),
    }
}

/// A segment of a path as it is meant; next to none has anything to decode.
fn decoded(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return segment.into();
    }
    percent_decode_str(segment).decode_utf8_lossy()
}
