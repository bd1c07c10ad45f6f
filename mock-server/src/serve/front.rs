//! What happens to every request before its handler sees it.

use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _};

use super::line::Line;
use super::patience::{Answer, Awaited};

/// Tells the line what is under way while the request is handled and answered.
pub(super) async fn busy<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let Some(line) = request.conn_data::<Rc<Line>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let _busy = line.begin();
    let under_way = line.answers();
    let payload = Awaited::wrap(request.take_payload(), &line);
    request.set_payload(payload);
    let response = next.call(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        line.upgraded();
    }
    Ok(response.map_body(|_, body| {
        let answer = Answer { body: body.boxed(), _under_way: under_way };
        BoxBody::new(answer)
    }))
}
