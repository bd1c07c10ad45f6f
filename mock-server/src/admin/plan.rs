//! What was seen, as a plan that the simulation plays: when the guest first sent each message, when
//! the agent spoke, and which faults struck. It says in a comment what a plan has no words for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Query, ServiceConfig};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::body::Tenant;
use crate::faults::Fault;
use crate::journal::{Entry, Filter, Record};

/// The client of the simulation gets so much time to begin before the first thing happens.
const HEAD_START_MS: u64 = 2000;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/plan", web::get().to(plan));
}

#[derive(Deserialize)]
struct Whose {
    guest: Option<String>,
}

async fn plan(Tenant(world): Tenant, whose: Query<Whose>) -> HttpResponse {
    let page = world.journal().read(0, &Filter::default(), usize::MAX);
    HttpResponse::Ok().content_type("application/toml").body(text(
        world.key(),
        &page.records,
        page.missed,
        whose.guest.as_deref(),
    ))
}

#[derive(Serialize)]
struct Plan {
    title: &'static str,
    story: String,
    step: Vec<Step>,
    fault: Vec<Struck>,
}

#[derive(Serialize)]
struct Step {
    at: String,
    r#do: &'static str,
}

#[derive(Serialize)]
struct Struck {
    kind: &'static str,
    at: String,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

fn text(tenant: &str, records: &[Arc<Record>], missed: u64, guest: Option<&str>) -> String {
    let newest = records.iter().rev().find_map(|record| match &record.entry {
        Entry::GuestCreated { guest } => Some(guest.as_str()),
        _ => None,
    });
    let guest = guest.or(newest).unwrap_or_default();
    let story = format!("What one guest of the tenant {tenant} did, and what was done to it.");
    let mut plan = Plan { title: "Seen by the mock", story, step: Vec::new(), fault: Vec::new() };
    let mut comments = String::new();
    if missed > 0 {
        let _ = writeln!(comments, "# The journal has forgotten its {missed} oldest entries.");
    }
    let began = records.iter().find(|record| record.entry.guest() == Some(guest));
    let began = began.map_or(0, |record| record.at_ms);
    let mut sent = BTreeSet::new();
    for record in records {
        let at_ms = record.at_ms.saturating_sub(began) + HEAD_START_MS;
        let at = |at_ms: u64| format!("{at_ms}ms");
        match &record.entry {
            Entry::FrameIn { .. } | Entry::Posted { .. } if record.entry.guest() == Some(guest) => {
                let is_new = record.entry.message().is_some_and(|id| sent.insert(id.to_owned()));
                if is_new {
                    plan.step.push(Step { at: at(at_ms), r#do: "send" });
                }
            }
            Entry::Said { guest: to, .. } if to == guest => {
                plan.step.push(Step { at: at(at_ms), r#do: "agent" });
            }
            Entry::Fault { fault, .. } => match words(fault) {
                // It is armed a moment before, or what it is for would have passed.
                Some((kind, fields)) => {
                    plan.fault.push(Struck { kind, at: at(at_ms.saturating_sub(1)), fields });
                }
                None => {
                    let _ =
                        writeln!(comments, "# At {at_ms}ms, which no plan has a word for: {fault}");
                }
            },
            _ => {}
        }
    }
    let written = toml::to_string(&plan).expect("a plan has string keys and plain values");
    comments + &written
}

/// A fault in the words that plans have for it.
fn words(fault: &Fault) -> Option<(&'static str, Map<String, Value>)> {
    let mut fields = fault.write();
    fields.remove("kind");
    let kind = match fault {
        Fault::Answer(_) => {
            fields.insert("on".to_owned(), "any".into());
            fields.insert("count".to_owned(), 1.into());
            match fields.remove("retryAfter") {
                None | Some(Value::Null) => {}
                Some(Value::String(hint)) => {
                    fields.insert("retry-after".to_owned(), hint.into());
                }
                Some(hint) => {
                    fields.insert("retry-after".to_owned(), hint.to_string().into());
                }
            }
            "answer"
        }
        Fault::AckDroppedBeforeAccept(_) => "ack-lost-before-accept",
        Fault::AckDroppedAfterAccept(_) => "ack-lost-after-accept",
        Fault::AckDelayed(_) => "ack-delayed",
        Fault::AckDoubled(_) => "ack-doubled",
        Fault::SwallowHandshake(_) => "swallow-upgrade",
        _ => return None,
    };
    Some((kind, fields))
}
