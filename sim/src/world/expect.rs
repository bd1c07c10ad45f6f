//! The numbers a plan expects at the end, beside the invariants.

use std::collections::BTreeSet;

use crate::oracle::Violation;
use crate::plan::Expect;
use crate::trace::{Endpoint, Event, Kind};

/// Who finds it, where an oracle has its id.
pub(crate) const EXPECT: &str = "expect";

/// Every expectation that was not met.
pub(super) fn judge(expect: &Expect, events: &[Event]) -> Vec<Violation> {
    let count = |matches: fn(&Event) -> bool| events.iter().filter(|e| matches(e)).count();
    let numbers = [
        ("delivered", expect.delivered, count(|e| matches!(e.kind, Kind::Delivered { .. }))),
        ("failed", expect.failed, count(|e| matches!(e.kind, Kind::Failed { .. }))),
        ("refused", expect.refused, count(|e| matches!(e.kind, Kind::Refused { .. }))),
        ("shown", expect.shown, count(|e| matches!(e.kind, Kind::Shown { .. }))),
        ("sockets", expect.sockets, count(is_new_socket)),
        ("leaders", expect.leaders, count(|e| matches!(e.kind, Kind::Leads { .. }))),
        ("degraded", expect.degraded, degraded(events)),
        ("guests", expect.guests, count(|e| matches!(e.kind, Kind::GuestCreated { .. }))),
    ];
    let wrong = numbers.into_iter().filter_map(|(name, expected, found)| {
        let expected = expected.filter(|expected| *expected != found)?;
        Some((name, format!("the plan expects {name} = {expected}, and it was {found}")))
    });
    let texts = [
        ("state", expect.state.as_ref().filter(|text| !reported(events, text, state_of))),
        ("notice", expect.notice.as_ref().filter(|text| !reported(events, text, notice_of))),
    ];
    let missing = texts.into_iter().filter_map(|(name, text)| {
        let text = text?;
        let told =
            format!("the plan expects the client to report {name} \"{text}\", and it never did");
        Some((name, told))
    });
    let at = events.last().map(|event| event.at).unwrap_or_default();
    let event = events.len().saturating_sub(1);
    let violation = |(key, text)| Violation {
        expectation: Some(key),
        ..Violation::new(EXPECT, at, event, text)
    };
    wrong.chain(missing).map(violation).collect()
}

fn is_new_socket(event: &Event) -> bool {
    event.lane.is_client()
        && matches!(event.kind, Kind::Answer { endpoint: Endpoint::Socket, status: 101, .. })
}

/// Tabs, however much each of them lacks.
fn degraded(events: &[Event]) -> usize {
    let reports = events.iter().filter(|event| matches!(event.kind, Kind::Degraded { .. }));
    reports.map(|event| event.lane).collect::<BTreeSet<_>>().len()
}

/// A plan quotes the beginning of what people would read.
fn reported(events: &[Event], text: &str, pick: fn(&Kind) -> Option<String>) -> bool {
    events.iter().filter_map(|event| pick(&event.kind)).any(|seen| seen.starts_with(text))
}

fn state_of(kind: &Kind) -> Option<String> {
    match kind {
        Kind::State { state } => Some(state.to_string()),
        _ => None,
    }
}

fn notice_of(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Notice { notice } => Some(notice.to_string()),
        _ => None,
    }
}
