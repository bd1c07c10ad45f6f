//! Faults as resources, and storms: a named set of them at once.

use actix_web::HttpResponse;
use actix_web::web::{self, Path, Payload, ServiceConfig};
use serde_json::{Map, Value, json};

use super::body::{self, Tenant, answered};
use super::json as reply;
use super::state::note_control;
use crate::core::Refusal;
use crate::faults::{
    self, Armed, Fault, FaultError, FaultId, FaultInfo, FaultRule, FieldInfo, RULE_FIELDS, STORMS,
};
use crate::worlds::{DEFAULT_TENANT, World};

/// Rules armed at a time; each is asked about each request.
const MAX_ARMED: usize = 1000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/faults/kinds", web::get().to(kinds))
        .route("/faults", web::get().to(list))
        .route("/faults", web::post().to(create))
        .route("/faults", web::delete().to(clear))
        .route("/faults/{id}", web::get().to(one))
        .route("/faults/{id}", web::delete().to(delete))
        .route("/storms", web::get().to(storms))
        .route("/storms/{name}", web::post().to(storm));
}

async fn kinds() -> HttpResponse {
    let kinds: Vec<Value> = faults::catalogue().iter().map(|kind| told(kind)).collect();
    reply(&json!({"kinds": kinds, "fieldsOfAll": RULE_FIELDS.each_ref().map(field)}))
}

fn told(kind: &FaultInfo) -> Value {
    let fields: Vec<Value> = kind.fields.iter().map(field).collect();
    let endpoints: Vec<_> = kind.endpoints().collect();
    let strikes: Vec<_> = kind.occasions.iter().map(|occasion| occasion.words()).collect();
    json!({
        "kind": kind.name,
        "about": kind.about,
        "fields": fields,
        "endpoints": endpoints,
        "strikes": strikes,
    })
}

fn field(field: &FieldInfo) -> Value {
    let mut told = json!({"name": field.name, "about": field.about, "form": field.form});
    if let Some(default) = field.default() {
        told["default"] = default;
    }
    told
}

fn armed(world: &World) -> Vec<Value> {
    world.cloud().with(|layer, now, _| {
        let shown = |armed: &Armed| armed.to_json(now.mono);
        layer.armed(now).iter().map(shown).collect()
    })
}

async fn list(Tenant(world): Tenant) -> HttpResponse {
    reply(&json!({"faults": armed(&world)}))
}

async fn create(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    let fields = body::json::<Map<String, Value>>(payload).await;
    answered(fields.and_then(|fields| arm(&world, fields)).map(|shown| {
        let location = format!("/__holdline/faults/{}", shown["id"]);
        HttpResponse::Created().insert_header(("Location", location)).json(shown)
    }))
}

fn arm(world: &World, fields: Map<String, Value>) -> Result<Value, Refusal> {
    let cloud = world.cloud();
    let (shown, name) = cloud.with(|layer, now, _| {
        let rule = FaultRule::read(fields).map_err(|error| malformed(&error))?;
        if rule.fault.is_of_connections() && world.key() != DEFAULT_TENANT {
            return Err(of_no_tenant(&rule.fault));
        }
        if let Some(guest) = &rule.guest {
            layer.core().is_living(guest)?;
        }
        if layer.armed(now).len() >= MAX_ARMED {
            let text = format!("{MAX_ARMED} faults are armed; delete some");
            return Err(Refusal::new(503, "faults.exhausted", text));
        }
        let name = rule.fault.to_string();
        let id = layer.arm(now, rule);
        let armed = layer.armed(now).iter().find(|armed| armed.id == id);
        // A rule that is over at once was armed nevertheless.
        let shown = armed.map(|armed| armed.to_json(now.mono));
        Ok((shown.unwrap_or_else(|| json!({"id": id.0, "name": name})), name))
    })?;
    note_control(world, &format!("armed: {name}"));
    Ok(shown)
}

async fn clear(Tenant(world): Tenant) -> HttpResponse {
    world.cloud().disarm_all();
    note_control(&world, "every fault is disarmed");
    HttpResponse::NoContent().finish()
}

fn malformed(error: &FaultError) -> Refusal {
    let code = match error {
        FaultError::KindUnknown { .. } => "fault.unknown",
        _ => "fault.malformed",
    };
    Refusal::new(400, code, error.to_string()).on_field(error.field())
}

/// Nobody knows whose a connection will be when it is accepted.
fn of_no_tenant(fault: &Fault) -> Refusal {
    let text =
        format!("`{fault}` strikes for all tenants; arm it at /__holdline/ without a tenant");
    Refusal::new(400, "fault.malformed", text).on_field("kind")
}

fn unknown(id: &str) -> Refusal {
    let text = format!("no fault `{}` is armed; GET faults lists them", crate::core::excerpt(id));
    Refusal::new(404, "fault.gone", text)
}

async fn one(Tenant(world): Tenant, id: Path<String>) -> HttpResponse {
    let found = id.parse().ok().and_then(|id: u64| {
        armed(&world).into_iter().find(|shown| shown["id"].as_u64() == Some(id))
    });
    answered(found.map(|shown| reply(&shown)).ok_or_else(|| unknown(&id)))
}

async fn delete(Tenant(world): Tenant, id: Path<String>) -> HttpResponse {
    let disarmed =
        id.parse().is_ok_and(|id| world.cloud().with(|layer, _, _| layer.disarm(FaultId(id))));
    answered(if disarmed {
        note_control(&world, &format!("disarmed: fault {}", id.as_str()));
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(unknown(&id))
    })
}

async fn storms() -> HttpResponse {
    let told = |storm: &faults::Storm| {
        let faults: Value = serde_json::from_str(storm.faults).unwrap_or_default();
        json!({"name": storm.name, "about": storm.about, "faults": faults})
    };
    reply(&json!({"storms": STORMS.iter().map(told).collect::<Vec<_>>()}))
}

async fn storm(Tenant(world): Tenant, name: Path<String>) -> HttpResponse {
    let found = STORMS.iter().find(|storm| storm.name == name.as_str());
    answered(found.ok_or_else(|| no_storm(&name)).and_then(|storm| {
        note_control(&world, &format!("storm: {}", storm.name));
        let rules: Vec<Map<String, Value>> = serde_json::from_str(storm.faults)
            .unwrap_or_else(|error| unreachable!("{} is ours: {error}", storm.name));
        let shown = rules.into_iter().map(|fields| arm(&world, fields));
        let shown = shown.collect::<Result<Vec<_>, _>>()?;
        Ok(HttpResponse::Created().json(json!({"storm": storm.name, "faults": shown})))
    }))
}

fn no_storm(name: &str) -> Refusal {
    let names: Vec<&str> = STORMS.iter().map(|storm| storm.name).collect();
    let name = crate::core::excerpt(name);
    let text = format!("no storm is called `{name}`; there are: {}", names.join(", "));
    Refusal::new(404, "storm.unknown", text)
}
