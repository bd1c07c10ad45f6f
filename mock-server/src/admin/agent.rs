//! The agent: says something, once or many times a second, or types.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Payload, ServiceConfig};
use serde::Deserialize;
use serde_json::json;

use super::body::{self, Tenant, answered};
use super::json as reply;
use crate::cloud::Cloud;
use crate::core::{CloudError, Push, Refusal};

/// Messages of one call, and in a second.
const MAX_COUNT: u64 = 100_000;
const MAX_PER_SECOND: u64 = 1000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/agent/say", web::post().to(say)).route("/agent/type", web::post().to(typing));
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Say {
    text: String,
    guest: Option<String>,
    count: Option<u64>,
    per_second: Option<u64>,
}

async fn say(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::json::<Say>(payload).await.and_then(|asked| {
        let (count, rate) = (asked.count.unwrap_or(1), asked.per_second.unwrap_or(0));
        if count > MAX_COUNT || rate > MAX_PER_SECOND {
            let text = format!("at most {MAX_COUNT} messages, {MAX_PER_SECOND} a second");
            return Err(Refusal::new(400, "agent.too.fast", text));
        }
        let cloud = world.cloud();
        let text = |number: u64| asked.text.replace("{n}", &number.to_string());
        let guest = asked.guest.as_deref();
        if rate == 0 {
            let mut last = 0;
            for number in 1..=count {
                last = cloud.agent_says(guest, &text(number)).map_err(|error| nobody(&error))?;
            }
            return Ok(reply(&json!({"said": count, "sequence": last})));
        }
        let first = cloud.agent_says(guest, &text(1)).map_err(|error| nobody(&error))?;
        let (template, guest) = (asked.text.clone(), asked.guest.clone());
        actix_rt::spawn(go_on(cloud, guest, template, count, rate));
        Ok(HttpResponse::Accepted()
            .json(json!({"said": 1, "sequence": first, "toCome": count - 1})))
    }))
}

/// Says the rest at its pace, as long as there is somebody to hear it.
async fn go_on(cloud: Cloud, guest: Option<String>, template: String, count: u64, rate: u64) {
    let pause = Duration::from_nanos(1_000_000_000 / rate);
    for number in 2..=count {
        cloud.clock().sleep(pause).await;
        let text = template.replace("{n}", &number.to_string());
        if cloud.agent_says(guest.as_deref(), &text).is_err() {
            return;
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typing {
    guest: Option<String>,
}

async fn typing(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    answered(body::json::<Typing>(payload).await.and_then(|asked| {
        let guest = asked.guest.as_deref();
        let told = world.cloud().operate(|core, _, out| core.push(guest, &Push::Typing, out));
        told.map_err(|error| nobody(&error))?;
        Ok(HttpResponse::NoContent().finish())
    }))
}

fn nobody(error: &CloudError) -> Refusal {
    let (status, code) = match error {
        CloudError::NoGuest => (409, "guest.none"),
        CloudError::UnknownGuest { .. } => (404, "guest.unknown"),
        CloudError::GuestGone { .. } => (410, "guest.gone"),
    };
    Refusal::new(status, code, error.to_string())
}
