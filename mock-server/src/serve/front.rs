//! What happens to every request before its handler sees it.

use std::rc::Rc;

use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;

use super::Front;
use super::line::Line;

/// Tells the line that it is busy while the request is handled.
pub(super) async fn busy(
    front: Front,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse, Error> {
    let Some(line) = request.conn_data::<Rc<Line>>().cloned() else {
        return front(request, next).await;
    };
    let _busy = line.begin();
    let response = front(request, next).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        line.upgraded();
    }
    Ok(response)
}
