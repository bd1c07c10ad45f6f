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

use actix_web::http::Method;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::cloud::Cloud;
use crate::profile::articles::Resource;

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

/// Answers the request of this number in the journal of `cloud`. What is seldom asked for is boxed, or every
/// message would carry the room that it needs.
pub(crate) async fn resource(
    cloud: &Cloud,
    number: u64,
    http: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let Some(resource) = Resource::at(http.match_info().as_str()) else {
        return fallback::not_found(http);
    };
    let is_post = http.method() == Method::POST;
    if resource.endpoint(http.method()).is_none() {
        return fallback::answer_method(resource.allowed());
    }
    match resource {
        Resource::Guests => Box::pin(guests::create(cloud, http, payload)).await,
        Resource::Refresh => Box::pin(refresh::refresh(cloud, http, payload)).await,
        Resource::Messages(instance) if is_post => {
            messages::post(cloud, number, &instance, http, payload).await
        }
        Resource::Messages(instance) => Box::pin(messages::history(cloud, &instance, http)).await,
        Resource::Socket(instance) => {
            Box::pin(socket::handshake(cloud, &instance, http, payload)).await
        }
    }
}
