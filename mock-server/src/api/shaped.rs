//! Gives an answer over HTTP the form that a fault asks for.

use std::rc::Rc;
use std::time::{Duration, SystemTime};

use actix_web::body::{MessageBody as _, SizedStream};
use actix_web::http::header::{CONTENT_TYPE, ContentType, DATE, HeaderValue, LOCATION};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::answer::{dropped_connection, failure};
use super::tamper;
use crate::cloud::Cloud;
use crate::faults::{Distortion, LAST_DATE};
use crate::serve::Connection;

/// A page as a proxy between might send it.
const PAGE: &str = "<!doctype html><title>Sign in</title><p>This page is a fault on purpose.</p>";

/// Marks an answer that is to lack its CORS headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NoCors;

pub(crate) fn shaped(
    cloud: &Cloud,
    http: &HttpRequest,
    mut response: HttpResponse,
    distortion: Distortion,
) -> HttpResponse {
    match distortion {
        Distortion::SlowConnection(_) | Distortion::SilentConnection => {
            on_connection(http, distortion);
        }
        Distortion::Reset => {
            on_connection(http, distortion);
            return dropped_connection();
        }
        Distortion::SlowBody { bytes, every } => return slow(cloud, response, bytes, every),
        Distortion::Truncated(bytes) => return truncated(response, bytes),
        Distortion::WrongContentType => {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        }
        Distortion::HtmlPage => {
            return HttpResponse::Ok().content_type(ContentType::html()).body(PAGE);
        }
        Distortion::Empty => return HttpResponse::Ok().content_type(ContentType::json()).finish(),
        Distortion::Redirect => {
            let location = format!("{}/", http.path());
            return HttpResponse::TemporaryRedirect().insert_header((LOCATION, location)).finish();
        }
        Distortion::Skewed(ahead) => {
            let wall = cloud.now().wall.saturating_add(ahead).min(LAST_DATE);
            let date = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + wall);
            if let Ok(date) = HeaderValue::from_str(&date) {
                response.headers_mut().insert(DATE, date);
            }
        }
        Distortion::NoCors => {
            response.extensions_mut().insert(NoCors);
        }
        Distortion::NotJson => return tampered(response, distortion),
        _ => {}
    }
    response
}

/// What a distortion makes of the connection; on a simulated stream there is none to be had.
pub(super) fn on_connection(http: &HttpRequest, distortion: Distortion) {
    let Some(connection) = http.conn_data::<Rc<Connection>>() else { return };
    match distortion {
        Distortion::SlowConnection(bytes_per_second) => connection.slow_down(bytes_per_second),
        Distortion::SilentConnection => connection.fall_silent(),
        Distortion::Reset => connection.reset_on_drop(),
        _ => {}
    }
}

/// The answer without its body, and the body.
fn taken_apart(response: HttpResponse) -> (HttpResponse<()>, Bytes) {
    let (head, body) = response.into_parts();
    // A body that streams is nothing that a client of ours asked for.
    (head, body.try_into_bytes().unwrap_or_default())
}

fn slow(cloud: &Cloud, response: HttpResponse, bytes: u64, every: Duration) -> HttpResponse {
    let (head, body) = taken_apart(response);
    let portion = usize::try_from(bytes.max(1)).unwrap_or(usize::MAX);
    let portions: Vec<Bytes> = body.chunks(portion).map(Bytes::copy_from_slice).collect();
    let clock = cloud.clock().clone();
    let slowly = stream::iter(portions).then(move |portion| {
        let clock = clock.clone();
        async move {
            clock.sleep(every).await;
            Ok::<_, std::io::Error>(portion)
        }
    });
    head.set_body(SizedStream::new(body.len() as u64, slowly)).map_into_boxed_body()
}

fn truncated(response: HttpResponse, bytes: u64) -> HttpResponse {
    let (head, body) = taken_apart(response);
    let kept = body.slice(..usize::try_from(bytes).unwrap_or(usize::MAX).min(body.len()));
    // What was sent has to leave before the failure ends everything.
    let pieces = stream::once(async { Ok(kept) }).chain(stream::once(async {
        tokio::task::yield_now().await;
        Err(failure())
    }));
    let length = body.len() as u64 + 1;
    head.set_body(SizedStream::new(length, Box::pin(pieces))).map_into_boxed_body()
}

fn tampered(response: HttpResponse, distortion: Distortion) -> HttpResponse {
    let (head, body) = taken_apart(response);
    let text = tamper::text(String::from_utf8_lossy(&body).into_owned(), distortion);
    head.set_body(text).map_into_boxed_body()
}
