//! What happens to every request before its handler sees it.

use std::rc::Rc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use super::Front;
use super::line::Line;
use super::patience::{Answer, Awaited};

/// Tells the line what is under way while the request is handled and answered.
pub(super) async fn busy(
    front: Front,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some(line) = request.conn_data::<Rc<Line>>().cloned() else {
        return front(request, next).await;
    };
    let _busy = line.begin();
    let under_way = line.answers();
    let payload = Awaited::wrap(request.take_payload(), &line);
    request.set_payload(payload);
    let response = front(request, next).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        line.upgraded();
    }
    Ok(response.map_body(|_, body| {
        let answer = Answer { body, _under_way: under_way };
        BoxBody::new(answer)
    }))
}
