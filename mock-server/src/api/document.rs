//! `GET /openapi.json` (`OpenAPI` 3.1) for what is asked over HTTP, and `GET /asyncapi.json`
//! (`AsyncAPI` 3) for what passes on the socket.

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use serde_json::{Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{fallback, guests, messages, refresh, schema, socket};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Holdline mock cloud",
        description = "The surface of the articles: no endpoint of the real cloud is like it."
    ),
    paths(
        guests::create,
        refresh::refresh,
        messages::post,
        messages::history,
        socket::handshake
    ),
    components(schemas(schema::ErrorFrame, schema::AgentMessage)),
    modifiers(&Bearers)
)]
struct Document;

/// The two kinds of bearer tokens.
struct Bearers;

impl Modify for Bearers {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for name in ["oauth", "guest"] {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme(name, SecurityScheme::Http(scheme));
        }
    }
}

pub(crate) fn routes(config: &mut ServiceConfig) {
    let document = |path: &str| {
        web::resource(path.to_owned()).default_service(fallback::method_not_allowed("GET"))
    };
    config
        .service(document("/openapi.json").route(web::get().to(openapi)))
        .service(document("/asyncapi.json").route(web::get().to(asyncapi)));
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(Document::openapi())
}

async fn asyncapi() -> HttpResponse {
    HttpResponse::Ok().json(socket_document())
}

/// The schemas are those of the other document.
fn socket_document() -> Value {
    let openapi = serde_json::to_value(Document::openapi()).unwrap_or_default();
    let schemas = &openapi["components"]["schemas"];
    let message = |name: &str| {
        json!({"name": name, "contentType": "application/json",
            "payload": {"$ref": format!("#/components/schemas/{name}")}})
    };
    let of_channel = |name: &str| json!({"$ref": format!("#/channels/socket/messages/{name}")});
    json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Holdline mock cloud", "version": env!("CARGO_PKG_VERSION")},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/api/v2/webchat/instances/{id}/websocket",
                "parameters": {"id": {"description": "The webchatInstanceId"}},
                "messages": {
                    "Message": message("Message"),
                    "Ack": message("Ack"),
                    "AgentMessage": message("AgentMessage"),
                    "ErrorFrame": message("ErrorFrame"),
                },
            },
        },
        "operations": {
            "takeMessage": {
                "action": "receive",
                "summary": "The guest sends a message; every one is answered.",
                "channel": {"$ref": "#/channels/socket"},
                "messages": [of_channel("Message")],
                "reply": {
                    "channel": {"$ref": "#/channels/socket"},
                    "messages": [of_channel("Ack"), of_channel("ErrorFrame")],
                },
            },
            "tellMessage": {
                "action": "send",
                "summary": "The agent has said something.",
                "channel": {"$ref": "#/channels/socket"},
                "messages": [of_channel("AgentMessage")],
            },
        },
        "components": {"schemas": schemas},
    })
}
