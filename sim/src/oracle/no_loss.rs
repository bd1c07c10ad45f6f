//! no-loss: every message that was typed is in the conversation and said so, or is reported failed
//! with a reason; and nothing is called delivered that the cloud does not have.
//!
//! Ignores messages that nobody typed, and a message still pending at the end of a log that never
//! healed: that run was cut short. So does it ignore what is pending while the client is still
//! trying: that is late, which is comes-back's concern, and not yet lost. A message reported failed
//! may be in the conversation all the same: an answer can be lost after the message was stored.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, Oracle, Violation, secs};
use crate::trace::{Endpoint, Event, Frame, Kind, Lane};

pub(super) const ORACLE: Oracle = Oracle {
    id: "no-loss",
    holds_when: "every accepted message is in the server's conversation, or was reported failed \
                 with a reason",
    judge,
};

/// A client that sent a message so shortly before the end is still at it.
const STILL_SENDING: Duration = Duration::from_secs(15);

fn judge(events: &[Event], _bounds: &Bounds) -> Vec<Violation> {
    let stored = first_stored(events);
    let mut typed: Vec<(&str, Duration)> = Vec::new();
    let mut settled: BTreeSet<&str> = BTreeSet::new();
    let (mut healed, mut trying) = (false, false);
    let mut last_sent = Duration::ZERO;
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match &event.kind {
            Kind::Typed { message, .. } => typed.push((message, event.at)),
            Kind::Delivered { message } => {
                settled.insert(message);
                let text = match stored.get(message.as_str()) {
                    Some(at) if *at <= event.at => continue,
                    Some(at) => format!(
                        "{message} was reported delivered at {}, but was stored only at {}",
                        secs(event.at),
                        secs(*at)
                    ),
                    None => format!(
                        "{message} was reported delivered at {}, but was never stored",
                        secs(event.at)
                    ),
                };
                if typed.iter().any(|(name, _)| name == message) {
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            Kind::Failed { message, reason } => {
                settled.insert(message);
                if reason.trim().is_empty() {
                    let text = format!("{message} was reported failed without a reason");
                    found.push(ORACLE.violation(events, index, text));
                }
            }
            Kind::Healed => healed = true,
            Kind::State { state } => {
                trying = state.starts_with("connecting") || state.starts_with("waiting");
            }
            Kind::Request { endpoint: Endpoint::Messages, .. }
            | Kind::FrameOut { frame: Frame::Message(_), .. }
                if event.lane == Lane::Client =>
            {
                last_sent = event.at;
            }
            _ => {}
        }
    }
    let end = events.last().map(|event| event.at).unwrap_or_default();
    let sending = !last_sent.is_zero() && end.saturating_sub(last_sent) < STILL_SENDING;
    typed.retain(|(message, _)| healed && !trying && !sending && !settled.contains(message));
    found.extend(typed.into_iter().map(|(message, at)| {
        let fate = match stored.get(message) {
            Some(stored) => format!("was stored at {} but never reported", secs(*stored)),
            None => "was neither stored nor reported failed".to_owned(),
        };
        let text = format!("{message}, typed at {}, {fate} by the end of the run", secs(at));
        ORACLE.violation(events, events.len() - 1, text)
    }));
    found
}

fn first_stored(events: &[Event]) -> BTreeMap<&str, Duration> {
    let mut stored = BTreeMap::new();
    for event in events {
        if let Kind::Stored { message, .. } = &event.kind {
            stored.entry(message.as_str()).or_insert(event.at);
        }
    }
    stored
}
