//! What happens to every request before its handler sees it.

use std::rc::Rc;

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::Next;

use super::line::Line;

/// Tells the line that it is busy while the request is handled.
pub(super) async fn busy<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(line) = request.conn_data::<Rc<Line>>().cloned() else {
        return next.call(request).await;
    };
    let _busy = line.begin();
    let response = next.call(request).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        line.upgraded();
    }
    Ok(response)
}
