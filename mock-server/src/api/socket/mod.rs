//! `GET /api/v2/webchat/instances/{id}/websocket`: the handshake (RFC 6455 4.2), then the actor.

mod actor;
mod assembler;
mod cut;
mod emit;
mod guard;

use actix_http::ws::Codec;
use actix_web::http::header::{
    HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use actix_web_actors::ws::{self, HandshakeError, WebsocketContext};

use super::answer::Settled;
use super::shaped::{on_connection, shaped};
use super::{answer, request, schema};
use crate::cloud::Cloud;
use crate::core::{Carriers, Refusal};
use crate::faults::Distortion;
use actor::{Ends, SocketActor};

#[utoipa::path(
    get,
    path = "/api/v2/webchat/instances/{id}/websocket",
    tag = "articles",
    summary = "Opens the socket (RFC 6455); its frames are in asyncapi.json",
    params(
        ("id" = String, Path, description = "The webchatInstanceId"),
        ("token" = Option<String>, Query, description = "The guest token, if no header has it"),
    ),
    security(("guest" = []), ()),
    responses(
        (status = 101, description = "The socket is open"),
        (status = "4XX", description = "Refused", body = schema::Refusal),
        (status = "5XX", description = "A fault on purpose", body = schema::Refusal),
    ),
)]
#[tracing::instrument(level = "debug", skip_all, name = "open socket", fields(%instance))]
pub(super) async fn handshake(
    cloud: &Cloud,
    instance: &str,
    http: &HttpRequest,
    payload: Payload,
) -> HttpResponse {
    let carriers = carriers(http);
    let reply = cloud.with(|layer, now, out| layer.admit(now, instance, &carriers, out));
    let ends = Ends::new(http);
    let (cut, overlong) = (ends.cut.clone(), ends.overlong.clone());
    let connection = ends.connection.clone();
    let mut distortion = Distortion::Plain;
    let (actor, mut protocol) = match answer::settle(cloud, reply).await {
        Settled::Refused(refusal) => return answer::refusal(&refusal),
        Settled::Instead(distortion) => {
            on_connection(http, distortion);
            if distortion == Distortion::SilentConnection {
                return std::future::pending().await;
            }
            return shaped(cloud, http, HttpResponse::Ok().finish(), distortion);
        }
        Settled::Answer(_, Distortion::Reset) => {
            return shaped(cloud, http, HttpResponse::Ok().finish(), Distortion::Reset);
        }
        Settled::Answer(admission, bent) => {
            distortion = bent;
            let guest = (admission.guest, instance);
            (SocketActor::admitted(cloud, guest, distortion, ends), admission.protocol)
        }
        Settled::Close(code) => {
            let actor = SocketActor::turned_away(cloud, code, ends);
            (actor, carriers.protocols.into_iter().next())
        }
    };
    on_connection(http, distortion);
    let mut response = match ws::handshake(http) {
        Ok(response) => response,
        Err(error) => return not_a_handshake(error),
    };
    match distortion {
        Distortion::WrongKey => {
            response.insert_header((SEC_WEBSOCKET_ACCEPT, "c29tZWJvZHkgZWxzZSdzIGtleQ=="));
        }
        Distortion::UnaskedProtocol => protocol = Some("holdline-unasked".to_owned()),
        _ => {}
    }
    if let Some(protocol) = protocol {
        response.insert_header((SEC_WEBSOCKET_PROTOCOL, protocol));
    }
    let limit = cloud.limits().frame_bytes;
    let codec = Codec::new().max_size(limit);
    let received = guard::watch(payload, limit, overlong, connection);
    let frames = WebsocketContext::with_codec(actor, received, codec);
    let response = response.streaming(cut::watch(frames, cut));
    if distortion == Distortion::NoCors {
        shaped(cloud, http, response, distortion)
    } else {
        response
    }
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
