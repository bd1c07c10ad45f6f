//! What happens to every request before its handler sees it.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use super::Front;
use super::connection::Connection;
use super::slow_clients::{Answer, Awaited};

/// Tells the connection what is under way while the request is handled and answered.
pub(super) async fn busy(
    front: Front,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some(connection) = request.conn_data::<Rc<Connection>>().cloned() else {
        return front(request, next).await;
    };
    let _busy = connection.begin();
    let under_way = connection.answers();
    let payload = Awaited::wrap(request.take_payload(), &connection);
    request.set_payload(payload);
    let response = front(request, next).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        connection.upgraded();
    }
    Ok(response.map_body(|_, body| {
        let answer = Answer { body, _under_way: under_way };
        BoxBody::new(answer)
    }))
}
