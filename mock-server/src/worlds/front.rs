//! What happens to every request of the mock before its handler: its tenant is found, its origin
//! judged, and what came and went is noted in that tenant's journal.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::RETRY_AFTER;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};

use super::cors::{self, Origin};
use super::{Mock, World, key};
use crate::api::shaped::NoCors;
use crate::api::{self, answer};
use crate::faults::FaultLayer;
use crate::journal::Entry;
use crate::serve::Connection;

pub(super) async fn front(
    mock: Mock,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let config = mock.config();
    let found = key::take(&mut request, &config.domains);
    let world = match found.and_then(|key| mock.world(key.as_deref())) {
        Ok(world) => world,
        Err(refused) => return Ok(request.into_response(answer::refusal(&refused))),
    };
    let connection = request.conn_data::<Rc<Connection>>();
    if is_control(request.path()) {
        connection.inspect(|connection| connection.exempt());
        request.extensions_mut().insert(world);
        return next.call(request).await;
    }
    connection.inspect(|connection| connection.is_noted_in(world.journal()));
    // A new connection gets as far as its first request: which it is cannot be known before.
    mock.network_released().await;
    let (number, began) = (world.journal().number(), world.clock().now());
    world.journal().note_at(began, Entry::request(number, &request));
    let origin = Origin::of(&request, &config.allowed_origins);
    let mut response = answered(&world, number, &origin, request, next).await?;
    if response.response().extensions().get::<NoCors>().is_none() {
        origin.mark(response.headers_mut());
    }
    let ended = world.clock().now();
    let answer = Entry::Answer {
        request: number,
        status: response.status().as_u16(),
        retry_after: text_of(&response),
        took_ms: ended.mono.saturating_sub(began.mono).as_millis() as u64,
    };
    world.journal().note_at(ended, answer);
    Ok(response)
}

async fn answered(
    world: &World,
    number: u64,
    origin: &Origin,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    if matches!(origin, Origin::Refused) {
        return Ok(request.into_response(answer::refusal(&cors::refusal())));
    }
    let cloud = world.cloud();
    if let Some(preflight) = cors::preflight(&request) {
        let reply = cloud.with(FaultLayer::preflight);
        let response: HttpResponse =
            answer::bent(&cloud, request.request(), reply, |()| preflight).await;
        return Ok(request.into_response(response));
    }
    if !request.match_info().as_str().starts_with("/api/") {
        return next.call(request).await;
    }
    // What is asked most has no need of the router.
    let payload = request.extract::<web::Payload>().await?;
    let (http, _) = request.into_parts();
    let response = api::resource(&cloud, number, &http, payload).await;
    Ok(ServiceResponse::new(http, response))
}

/// Control calls are no traffic of a client's.
fn is_control(path: &str) -> bool {
    path == "/__holdline" || path.starts_with("/__holdline/")
}

fn text_of(response: &ServiceResponse) -> Option<String> {
    let value = response.headers().get(RETRY_AFTER)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}
