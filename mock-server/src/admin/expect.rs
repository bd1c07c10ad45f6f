//! Assertions that wait: "m3 exactly once, after m2, within 5 s". They look at the conversation,
//! where a message is named by its id or its text, or at the journal. The wait is in real time,
//! because a test that waits does.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Payload, ServiceConfig};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::{self, Tenant, answered};
use super::json as reply;
use crate::core::Refusal;
use crate::faults::span;
use crate::journal::Filter;
use crate::profile::articles;
use crate::worlds::World;

const WITHIN: Duration = Duration::from_secs(5);
const MAX_WITHIN: Duration = Duration::from_mins(10);
/// Messages of a diff.
const SHOWN: usize = 20;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/expect", web::post().to(expect));
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    message: Option<String>,
    journal: Option<Filter>,
    guest: Option<String>,
    after: Option<String>,
    times: Option<usize>,
    within: Option<String>,
}

/// How things are.
enum State {
    Met,
    /// It may still come.
    Open,
    /// It never will.
    Broken,
}

async fn expect(Tenant(world): Tenant, payload: Payload) -> HttpResponse {
    let asked = match body::json::<Expected>(payload).await.and_then(checked) {
        Ok(asked) => asked,
        Err(refused) => return answered(Err(refused)),
    };
    let (expected, within) = asked;
    // What is expected never to happen needs all of the time.
    let is_absence = expected.times == Some(0);
    let deadline = tokio::time::sleep(within);
    let mut deadline = std::pin::pin!(deadline);
    loop {
        let last = world.journal().last();
        let (state, seen) = look(&world, &expected);
        match state {
            State::Met if !is_absence => return met(&seen),
            State::Broken => return failed(&expected, within, &seen),
            _ => {}
        }
        let is_over = tokio::select! {
            biased;
            more = world.journal().beyond(last) => !more,
            () = &mut deadline => true,
        };
        if is_over {
            let (state, seen) = look(&world, &expected);
            return if matches!(state, State::Met) {
                met(&seen)
            } else {
                failed(&expected, within, &seen)
            };
        }
    }
}

fn checked(expected: Expected) -> Result<(Expected, Duration), Refusal> {
    if expected.message.is_some() == expected.journal.is_some() {
        let text = "say what is expected: a `message`, or a filter of the `journal`";
        return Err(Refusal::new(400, "expectation.malformed", text).on_field("message"));
    }
    let within = expected.within.as_deref().map_or(Ok(WITHIN), span::parse);
    match within {
        Ok(within) if within <= MAX_WITHIN => Ok((expected, within)),
        Ok(_) => Err(Refusal::new(400, "span.malformed", "at most 10m").on_field("within")),
        Err(text) => Err(Refusal::new(400, "span.malformed", text).on_field("within")),
    }
}

/// What is, and the lines that show it: those that were asked for begin with `>`.
fn look(world: &World, expected: &Expected) -> (State, Vec<String>) {
    let times = expected.times.unwrap_or(1);
    let (found, is_after, seen) = match (&expected.message, &expected.journal) {
        (Some(message), _) => {
            let cloud = world.cloud();
            let stored = cloud.read(|core| core.stored_by(expected.guest.as_deref()));
            let is =
                |place: &usize, name: &str| stored[*place].0 == name || stored[*place].1 == name;
            let places: Vec<usize> = (0..stored.len()).filter(|place| is(place, message)).collect();
            let before = expected
                .after
                .as_ref()
                .map(|after| (0..stored.len()).find(|place| is(place, after)));
            let is_after = match (before, places.first()) {
                (None, _) => Some(true),
                (Some(Some(before)), Some(first)) => Some(before < *first),
                (Some(None), Some(_)) => Some(false),
                (Some(_), None) => None,
            };
            let line = |(place, (id, text)): (usize, &(String, String))| {
                let mark = if places.contains(&place) { '>' } else { ' ' };
                format!("{mark} {}. {id}: {text}", place + 1)
            };
            (places.len(), is_after, stored.iter().enumerate().map(line).collect())
        }
        (None, filter) => {
            let filter = filter.clone().unwrap_or_default();
            let page = world.journal().read(0, &filter, usize::MAX);
            let seen: Vec<String> = page.records.iter().map(|record| record.to_json()).collect();
            (seen.len(), Some(true), seen)
        }
    };
    let state = match is_after {
        _ if found > times => State::Broken,
        Some(false) if found > 0 => State::Broken,
        _ if found == times => State::Met,
        _ => State::Open,
    };
    (state, seen)
}

fn met(seen: &[String]) -> HttpResponse {
    reply(&json!({"met": true, "seen": seen.len()}))
}

fn failed(expected: &Expected, within: Duration, seen: &[String]) -> HttpResponse {
    let what = expected.message.as_deref().unwrap_or("an entry of the journal");
    let times = match expected.times.unwrap_or(1) {
        0 => "never".to_owned(),
        1 => "exactly once".to_owned(),
        times => format!("exactly {times} times"),
    };
    let after = expected.after.as_ref().map_or(String::new(), |after| format!(", after {after}"));
    let within = humantime::format_duration(within);
    let wanted = format!("{what} {times}{after}, within {within}");
    let shown = if seen.is_empty() { "  nothing".to_owned() } else { shortened(seen) };
    let diff = format!("expected\n  {wanted}\nfound\n{shown}\n");
    let refused = Refusal::new(417, "expectation.failed", format!("not met: {wanted}"));
    let mut body: Value = serde_json::from_str(&articles::refusal(&refused)).unwrap_or_default();
    body["diff"] = diff.into();
    HttpResponse::ExpectationFailed().json(body)
}

fn shortened(lines: &[String]) -> String {
    let skipped = lines.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = lines[skipped..].to_vec();
    if skipped > 0 {
        shown.insert(0, format!("  ... {skipped} before"));
    }
    shown.join("\n")
}
