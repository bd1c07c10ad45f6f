//! `GET /api/v2/webchat/instances/{id}/websocket`: the handshake (RFC 6455 4.2), then the actor.

mod actor;
mod assembler;
mod cut;
mod guard;

use actix_http::ws::Codec;
use actix_web::http::header::{HeaderValue, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION};
use actix_web::web::{self, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, Resource};
use actix_web_actors::ws::{self, HandshakeError, WebsocketContext};

use super::answer::Settled;
use super::here::Here;
use super::{answer, fallback, request};
use crate::core::{Carriers, Refusal};
use actor::SocketActor;
use cut::Cut;
use guard::Overlong;

pub(super) fn resource() -> Resource {
    web::resource("/{id}/websocket")
        .route(web::get().to(handshake))
        .default_service(fallback::method_not_allowed("GET"))
}

#[tracing::instrument(level = "debug", skip_all, name = "open socket", fields(%instance))]
async fn handshake(
    Here(cloud): Here,
    instance: Path<String>,
    http: HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let carriers = carriers(&http);
    let reply = cloud.with(|core, now, out| core.admit(now, instance.as_str(), &carriers, out));
    let (cut, overlong) = (Cut::default(), Overlong::default());
    let ends = (cut.clone(), overlong.clone());
    let (actor, protocol) = match answer::settle(&cloud, reply).await {
        Settled::Refused(refusal) => return answer::refusal(&refusal),
        Settled::Answer(admission) => {
            let actor = SocketActor::admitted(&cloud, (admission.guest, &instance), ends);
            (actor, admission.protocol)
        }
        Settled::Close(code) => {
            let actor = SocketActor::turned_away(&cloud, code, ends);
            (actor, carriers.protocols.into_iter().next())
        }
    };
    let mut response = match ws::handshake(&http) {
        Ok(response) => response,
        Err(error) => return not_a_handshake(error),
    };
    if let Some(protocol) = protocol {
        response.insert_header((SEC_WEBSOCKET_PROTOCOL, protocol));
    }
    let limit = cloud.limits().frame_bytes;
    let codec = Codec::new().max_size(limit);
    let received = guard::watch(payload, limit, overlong);
    let frames = WebsocketContext::with_codec(actor, received, codec);
    response.streaming(cut::watch(frames, cut))
}

fn carriers(http: &HttpRequest) -> Carriers {
    let offers = http.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    Carriers {
        bearer: request::bearer(http).map(str::to_owned),
        query: request::query(http, "token").filter(|token| !token.is_empty()),
        protocols: offers
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|offer| !offer.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// A wrong version is told the right one with 426 (RFC 6455 4.4), anything else is 400.
fn not_a_handshake(error: HandshakeError) -> HttpResponse {
    let version =
        matches!(error, HandshakeError::UnsupportedVersion | HandshakeError::NoVersionHeader);
    let status = if version { 426 } else { 400 };
    let text = format!("this is no WebSocket handshake: {error}");
    let mut response = answer::refusal(&Refusal::new(status, "handshake.malformed", text));
    if version {
        response.headers_mut().insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    }
    response
}
