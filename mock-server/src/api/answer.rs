//! Turns a reply of the core into HTTP, faults included: late, never, or as a dropped connection.

use std::future::pending;
use std::io;

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;

use super::shaped::{on_connection, shaped};
use crate::cloud::Cloud;
use crate::core::{Refusal, RetryHint};
use crate::faults::{Delivery, Distortion, Reply};
use crate::profile::articles;

const JSON: (HeaderName, HeaderValue) =
    (CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// Delivers a reply whose answer is a JSON body.
pub(crate) async fn deliver<T>(
    cloud: &Cloud,
    http: &HttpRequest,
    reply: Reply<T>,
    write: impl FnOnce(&T) -> String,
) -> HttpResponse {
    let plain = |answer| HttpResponse::Ok().insert_header(JSON).body(write(&answer));
    bent(cloud, http, reply, plain).await
}

/// A reply whose delay is over.
pub(crate) enum Settled<T> {
    Answer(T, Distortion),
    Refused(Refusal),
    Close(u16),
    Instead(Distortion),
}

/// Waits as long as the reply says: no time, some time, or for ever.
pub(crate) async fn settle<T>(cloud: &Cloud, reply: Reply<T>) -> Settled<T> {
    match reply {
        Reply::Silence => pending().await,
        Reply::Close(code) => Settled::Close(code),
        Reply::Instead(distortion) => Settled::Instead(distortion),
        Reply::Send { answer, delivery } => {
            if !delivery.delay.is_zero() {
                cloud.clock().sleep(delivery.delay).await;
            }
            match answer {
                Ok(answer) => Settled::Answer(answer, delivery.distortion),
                Err(refusal) => Settled::Refused(refusal),
            }
        }
    }
}

/// The JSON answer of a refusal. A `Retry-After` that no header can carry stays in the body only.
pub(crate) fn refusal(refusal: &Refusal) -> HttpResponse {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    let hint = match &refusal.retry_after {
        None => None,
        Some(RetryHint::Seconds(seconds)) => Some(HeaderValue::from(*seconds)),
        Some(RetryHint::Text(text)) => HeaderValue::from_str(text).ok(),
    };
    if let Some(hint) = hint {
        response.insert_header((RETRY_AFTER, hint));
    }
    response.insert_header(JSON).body(articles::refusal(refusal))
}

/// Ends the connection without a byte: a body that fails at once makes the HTTP dispatcher give
/// up before it has written the head.
pub(super) fn dropped_connection() -> HttpResponse {
    let body = stream::iter([Err::<Bytes, io::Error>(failure())]);
    HttpResponse::Ok().body(SizedStream::new(1, body))
}

pub(super) fn failure() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "dropped by a fault")
}

/// Delivers a reply whose answer is made by `plain`. What is as it should be takes no detour; the
/// detour is boxed, or every answer would carry the room that it needs.
pub(crate) async fn bent<T>(
    cloud: &Cloud,
    http: &HttpRequest,
    reply: Reply<T>,
    plain: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    match reply {
        Reply::Send { answer: Ok(answer), delivery } if delivery == Delivery::default() => {
            plain(answer)
        }
        reply => Box::pin(detour(cloud, http, reply, plain)).await,
    }
}

async fn detour<T>(
    cloud: &Cloud,
    http: &HttpRequest,
    reply: Reply<T>,
    plain: impl FnOnce(T) -> HttpResponse,
) -> HttpResponse {
    match settle(cloud, reply).await {
        Settled::Answer(answer, Distortion::Plain) => plain(answer),
        Settled::Answer(answer, distortion) => shaped(cloud, http, plain(answer), distortion),
        Settled::Instead(Distortion::SilentConnection) => {
            on_connection(http, Distortion::SilentConnection);
            pending().await
        }
        Settled::Instead(distortion) => {
            shaped(cloud, http, HttpResponse::Ok().finish(), distortion)
        }
        Settled::Refused(refused) => refusal(&refused),
        Settled::Close(_) => dropped_connection(),
    }
}
