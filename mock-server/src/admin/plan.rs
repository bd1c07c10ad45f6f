//! What was seen, as a plan that the simulation plays: when the guest first sent each message, when
//! the agent spoke, and which faults struck. It says in a comment what a plan has no words for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Query, ServiceConfig};
use serde::Deserialize;

use super::body::Of;
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

async fn plan(Of(world): Of, whose: Query<Whose>) -> HttpResponse {
    let page = world.journal().read(0, &Filter::default(), usize::MAX);
    HttpResponse::Ok().content_type("application/toml").body(text(
        world.key(),
        &page.records,
        page.missed,
        whose.guest.as_deref(),
    ))
}

fn text(tenant: &str, records: &[Arc<Record>], missed: u64, guest: Option<&str>) -> String {
    let newest = records.iter().rev().find_map(|record| match &record.entry {
        Entry::GuestCreated { guest } => Some(guest.as_str()),
        _ => None,
    });
    let guest = guest.or(newest).unwrap_or_default();
    let mut plan = format!(
        "title = \"Seen by the mock\"\nstory = \"What one guest of the tenant {tenant} did, and what was \
         done to it.\"\n"
    );
    if missed > 0 {
        let _ = writeln!(plan, "# The journal has forgotten its {missed} oldest entries.");
    }
    let began = records.iter().find(|record| record.entry.guest() == Some(guest));
    let began = began.map_or(0, |record| record.at_ms);
    let mut sent = BTreeSet::new();
    for record in records {
        let at = record.at_ms.saturating_sub(began) + HEAD_START_MS;
        match &record.entry {
            Entry::FrameIn { .. } | Entry::Posted { .. } if record.entry.guest() == Some(guest) => {
                let is_new = record.entry.message().is_some_and(|id| sent.insert(id.to_owned()));
                if is_new {
                    step(&mut plan, at, "send");
                }
            }
            Entry::Said { guest: to, .. } if to == guest => step(&mut plan, at, "agent"),
            // It is armed a moment before, or what it is for would have passed.
            Entry::Fault { name } => fault(&mut plan, at.saturating_sub(1), name),
            _ => {}
        }
    }
    plan
}

fn step(plan: &mut String, at_ms: u64, what: &str) {
    let _ = write!(plan, "\n[[step]]\nat = \"{at_ms}ms\"\ndo = \"{what}\"\n");
}

fn fault(plan: &mut String, at_ms: u64, name: &str) {
    let kind = match name {
        "ack dropped before accept" => "kind = \"ack-lost-before-accept\"".to_owned(),
        "ack dropped after accept" => "kind = \"ack-lost-after-accept\"".to_owned(),
        "ack doubled" => "kind = \"ack-doubled\"".to_owned(),
        "handshake swallowed" => "kind = \"swallow-upgrade\"".to_owned(),
        _ => {
            let Some(kind) = named_with_number(name) else {
                let _ = write!(
                    plan,
                    "
# At {at_ms} ms, which no plan has a word for: {name:?}
"
                );
                return;
            };
            kind
        }
    };
    let _ = write!(plan, "\n[[fault]]\n{kind}\nat = \"{at_ms}ms\"\n");
}

fn named_with_number(name: &str) -> Option<String> {
    if let Some(by) = name.strip_prefix("ack delayed by ").and_then(|rest| rest.strip_suffix(" ms"))
    {
        return Some(format!("kind = \"ack-delayed\"\nby = \"{by}ms\""));
    }
    let rest = name.strip_prefix("answer ")?;
    let (status, hint) = rest.split_once(" retry-after ").unwrap_or((rest, ""));
    let mut kind = format!("kind = \"answer\"\non = \"any\"\ncount = 1\nstatus = {status}");
    let date =
        hint.strip_prefix("a date in ").map(|ahead| format!("date {}", ahead.replace(' ', "")));
    let hint = date.unwrap_or_else(|| hint.trim_matches('"').to_owned());
    if !hint.is_empty() {
        let _ = write!(kind, "\nretry-after = {hint:?}");
    }
    Some(kind)
}
