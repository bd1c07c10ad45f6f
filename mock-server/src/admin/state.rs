//! What there is: tenants, guests, conversations; and what is done to them as a whole.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Tenant, answered};
use super::json as reply;
use crate::core::{Core, End, Guest, Push, Refusal};
use crate::journal::Entry;
use crate::profile::articles;
use crate::worlds::{Mock, World};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/status", web::get().to(status))
        .route("/reset", web::post().to(reset))
        .route("/tenants", web::get().to(tenants))
        .route("/tenants/{key}", web::delete().to(delete_tenant))
        .route("/guests/forget", web::post().to(forget))
        .route("/guests/{guest}", web::get().to(guest))
        .route("/tokens/expire", web::post().to(expire))
        .route("/sockets/close", web::post().to(close))
        .route("/network/{what}", web::post().to(network));
}

async fn status(Tenant(world): Tenant) -> HttpResponse {
    let cloud = world.cloud();
    let mut status = summary(&world);
    status["nowMs"] = (world.clock().now().mono.as_millis() as u64).into();
    status["speed"] = super::clock::speed(&world);
    status["guests"] = cloud.read(|core| core.remembered().map(told).collect());
    reply(&status)
}

fn summary(world: &World) -> Value {
    let cloud = world.cloud();
    json!({
        "tenant": world.key(),
        "guestCount": cloud.read(Core::guest_count),
        "openSockets": cloud.open_sockets(),
        "faults": cloud.with(|layer, now, _| layer.armed(now).len()),
        "lastSeq": world.journal().last(),
    })
}

/// A guest in short.
fn told(guest: &Guest) -> Value {
    json!({
        "guest": guest.instance,
        "gone": guest.gone,
        "stored": guest.stored().len(),
        "said": guest.said().len(),
        "sockets": guest.sockets,
    })
}

/// All that was said in one conversation, by whom.
fn conversation(guest: &Guest) -> Value {
    let stored = guest.stored().iter().map(|message| {
        let route = message.route.to_string();
        json!({"id": message.id, "content": message.content, "road": route})
    });
    let said = guest.said().iter().map(|message| {
        let text = articles::push(&Push::Message(message.clone()));
        serde_json::from_str(&text).unwrap_or_default()
    });
    json!({
        "guest": guest.instance,
        "gone": guest.gone,
        "stored": stored.collect::<Vec<_>>(),
        "said": said.collect::<Vec<Value>>(),
    })
}

async fn reset(mock: Data<Mock>, Tenant(world): Tenant) -> HttpResponse {
    world.reset(&mock.config());
    reply(&json!({"reset": world.key()}))
}

async fn tenants(mock: Data<Mock>) -> HttpResponse {
    let all: Vec<Value> = mock.worlds().iter().map(|world| summary(world)).collect();
    reply(&json!({"tenants": all, "max": mock.config().max_tenants}))
}

async fn delete_tenant(mock: Data<Mock>, key: Path<String>) -> HttpResponse {
    answered(if mock.delete(&key) {
        Ok(HttpResponse::NoContent().finish())
    } else {
        let text = "there is no such tenant; GET tenants lists them";
        Err(Refusal::new(404, "tenant.unknown", text))
    })
}

async fn guest(Tenant(world): Tenant, guest: Path<String>) -> HttpResponse {
    let told = world.cloud().read(|core| core.guest(&guest).map(conversation));
    answered(told.map(|told| reply(&told)).ok_or_else(|| Refusal::instance_unknown(&guest)))
}

async fn forget(Tenant(world): Tenant) -> HttpResponse {
    note_control(&world, "every guest is forgotten");
    world.cloud().forget_guests();
    HttpResponse::NoContent().finish()
}

async fn expire(Tenant(world): Tenant) -> HttpResponse {
    note_control(&world, "every token has expired");
    world.cloud().expire_tokens();
    HttpResponse::NoContent().finish()
}

async fn network(mock: Data<Mock>, Tenant(world): Tenant, what: Path<String>) -> HttpResponse {
    let held = match what.as_str() {
        "hold" => true,
        "release" => false,
        _ => {
            let text = "a network can be told to `hold` and to `release`";
            return answered(Err(Refusal::new(404, "path.unknown", text)));
        }
    };
    note_control(&world, if held { "the network holds everything" } else { "the network goes on" });
    mock.hold_network(held);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Close {
    code: Option<u16>,
    reason: Option<String>,
    guest: Option<String>,
}

async fn close(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::json::<Close>(payload).await.and_then(|asked| {
        let code = asked.code.unwrap_or(1000);
        if !(1000..5000).contains(&code) {
            let text = "a close code is 1000 to 4999; 1006 drops the connection (RFC 6455 7.4)";
            return Err(Refusal::new(400, "code.malformed", text).on_field("code"));
        }
        note_control(&world, &format!("sockets are closed with {code}"));
        let end = End::Code(code, asked.reason.unwrap_or_default());
        let closed = world
            .cloud()
            .operate(|core, _, out| core.end_sockets_of(asked.guest.as_deref(), &end, out));
        let closed = closed
            .ok_or_else(|| Refusal::instance_unknown(asked.guest.as_deref().unwrap_or_default()))?;
        Ok(reply(&json!({"closed": closed})))
    }))
}

/// Notes what was done from outside, so that nobody takes it for a fault of the client's.
pub(super) fn note_control(world: &World, what: &str) {
    world.journal().note(Entry::Control { what: what.to_owned() });
}
