//! The tenant's clock: read, set to a speed, moved ahead.

use actix_web::HttpResponse;
use actix_web::web::{self, Payload, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Tenant, answered};
use super::json as reply;
use super::state::note_control;
use crate::core::Refusal;
use crate::faults::span;
use crate::worlds::World;

/// A clock that runs faster does nothing but that.
const MAX_SPEED: f64 = 100_000.0;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/clock", web::get().to(read))
        .route("/clock", web::put().to(set))
        .route("/clock/advance", web::post().to(advance));
}

/// How fast it runs: 1 is real time, 0 stands still.
#[expect(clippy::cast_precision_loss, reason = "speeds are far below 2^52")]
pub(super) fn speed(world: &World) -> Value {
    (world.clock().speed() as f64 / 1000.0).into()
}

fn told(world: &World) -> HttpResponse {
    let now = world.clock().now();
    reply(&json!({
        "nowMs": now.mono.as_millis() as u64,
        "wallMs": now.wall.as_millis() as u64,
        "speed": speed(world),
    }))
}

async fn read(Tenant(world): Tenant) -> HttpResponse {
    told(&world)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    speed: f64,
}

#[expect(clippy::cast_sign_loss, reason = "it was just seen to be 0 or more")]
async fn set(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::json::<Speed>(payload).await.and_then(|asked| {
        if !(0.0..=MAX_SPEED).contains(&asked.speed) {
            let text = format!("`{}` is no speed: 0 (stands still) to {MAX_SPEED}", asked.speed);
            return Err(Refusal::new(400, "speed.malformed", text).on_field("speed"));
        }
        world.clock().set_speed((asked.speed * 1000.0).round() as u64);
        note_control(&world, &format!("the clock runs at {}", asked.speed));
        Ok(told(&world))
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    by: String,
}

async fn advance(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::json::<Advance>(payload).await.and_then(|asked| {
        let by = span::parse(&asked.by)
            .map_err(|text| Refusal::new(400, "span.malformed", text).on_field("by"))?;
        world.clock().advance(by);
        note_control(&world, &format!("the clock is advanced by {}", asked.by));
        Ok(told(&world))
    }))
}
