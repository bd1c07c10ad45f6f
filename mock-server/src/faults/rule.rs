//! A rule as JSON: the fault with its parameters, and beside them when it strikes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::board::CERTAIN;
use super::{Armed, Endpoint, Fault, FaultRule, KINDS, When, answer, kinds, span};
use crate::core::Refusal;

/// Occurrences that are hit unless it is said otherwise.
const ALL: u64 = u64::MAX;

/// The fields beside the fault's own.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    endpoint: Option<Endpoint>,
    nth: Option<u64>,
    count: Option<u64>,
    probability: Option<f64>,
    seed: Option<u64>,
    from: Option<String>,
    #[serde(rename = "for")]
    lasts: Option<String>,
    guest: Option<String>,
}

const NAMES: [&str; 8] =
    ["endpoint", "nth", "count", "probability", "seed", "from", "for", "guest"];

/// Reads a rule that is armed at `now`.
pub(crate) fn read(
    mut fields: Map<String, Value>,
    now: Duration,
) -> Result<(FaultRule, When), Refusal> {
    let own: Map<String, Value> =
        NAMES.iter().filter_map(|name| fields.remove_entry(*name)).collect();
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned();
    let fault = Fault::deserialize(Value::Object(fields)).map_err(|error| unread(&kind, &error))?;
    if let Fault::Answer { status, .. } = fault
        && !answer::STATUSES.contains(&status)
    {
        return Err(malformed(
            "status",
            format!("`{status}` is no status of an answer: 200 to 599"),
        ));
    }
    let own = Fields::deserialize(Value::Object(own))
        .map_err(|error| Refusal::new(400, "fault.malformed", error.to_string()))?;
    let moment = |text: Option<String>| {
        text.as_deref().map(span::parse).transpose().map_err(|text| malformed("from", text))
    };
    let from = now.saturating_add(moment(own.from)?.unwrap_or_default());
    let until = moment(own.lasts)?.map(|lasts| from.saturating_add(lasts));
    let when = When {
        millionths: own.probability.map_or(Ok(CERTAIN), millionths)?,
        seed: own.seed.unwrap_or_default(),
        from,
        until,
        guest: own.guest,
    };
    let endpoint = own.endpoint.unwrap_or(Endpoint::Any);
    // The n-th is one; who wants all from there on says how many.
    let count = own.count.unwrap_or(if own.nth.is_some() { 1 } else { ALL });
    Ok((FaultRule { fault, endpoint, nth: own.nth.unwrap_or(1), count }, when))
}

/// A rule that is armed, as it is at `now`.
pub(crate) fn show(armed: &Armed, now: Duration) -> Value {
    let fault = serde_json::to_value(&armed.rule.fault);
    let mut shown = fault.unwrap_or_else(|_| json!({"kind": armed.rule.fault.to_string()}));
    shown["id"] = armed.id.0.into();
    shown["name"] = armed.rule.fault.to_string().into();
    shown["endpoint"] = json!(armed.rule.endpoint);
    shown["nth"] = armed.rule.nth.into();
    if armed.rule.count != ALL {
        shown["count"] = armed.rule.count.into();
    }
    if armed.when.millionths < CERTAIN {
        shown["probability"] = (f64::from(armed.when.millionths) / f64::from(CERTAIN)).into();
        shown["seed"] = armed.when.seed.into();
    }
    if let Some(guest) = &armed.when.guest {
        shown["guest"] = guest.as_str().into();
    }
    let left = |until: Duration| until.saturating_sub(now).as_millis() as u64;
    if now < armed.when.from {
        shown["beginsInMs"] = left(armed.when.from).into();
    }
    if let Some(until) = armed.when.until {
        shown["endsInMs"] = left(until).into();
    }
    shown["seen"] = armed.seen.into();
    shown["struck"] = armed.struck.into();
    shown
}

fn unread(kind: &str, error: &serde_json::Error) -> Refusal {
    let known = |name: &&str| kinds::kebab(name) == kind;
    if KINDS.iter().any(|(name, _)| known(name)) {
        return malformed(kind, error.to_string());
    }
    let names: Vec<String> = KINDS.iter().map(|(name, _)| kinds::kebab(name)).collect();
    let text = format!("no fault is called `{kind}`; there are: {}", names.join(", "));
    Refusal::new(400, "fault.unknown", text).on_field("kind")
}

fn malformed(field: &str, text: String) -> Refusal {
    Refusal::new(400, "fault.malformed", text).on_field(field)
}

#[expect(clippy::cast_sign_loss, reason = "it was just seen to be between 0 and 1")]
fn millionths(probability: f64) -> Result<u32, Refusal> {
    if (0.0..=1.0).contains(&probability) {
        return Ok((probability * f64::from(CERTAIN)).round() as u32);
    }
    Err(malformed("probability", format!("`{probability}` is no probability: 0 to 1")))
}
