//! The HTTP surface: one file per resource, each a thin shell that reads a request, asks the core
//! and delivers its reply. No decision about guests, tokens or messages is made here.

pub(crate) mod answer;
pub(crate) mod document;
pub(crate) mod fallback;
mod guests;
mod here;
mod messages;
pub(crate) mod probes;
mod refresh;
pub(crate) mod request;
mod schema;
pub(crate) mod shaped;
mod socket;
mod tamper;

use actix_web::web::{self, ServiceConfig};

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
        config.app_data(web::Data::new(cloud));
        resources(config);
    }
}

/// The resources, over whichever cloud a request belongs to.
pub(crate) fn resources(config: &mut ServiceConfig) {
    config
        .service(guests::resource())
        .service(refresh::resource())
        .service(
            // A prefix without parameters: only what is behind it is matched by expression.
            web::scope("/api/v2/webchat/instances")
                .service(socket::resource())
                .service(messages::resource())
                .default_service(web::to(fallback::path_unknown)),
        )
        .default_service(web::to(fallback::path_unknown));
}
