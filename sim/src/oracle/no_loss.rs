//! no-loss: every message that was typed is in the conversation and said so, or is reported failed
//! with a reason; and nothing is called delivered that the cloud does not have.
//!
//! Ignores messages that nobody typed, and a message still pending at the end of a log that never
//! healed: that run was cut short. So does it ignore what is pending while the client is still
//! trying: that is late, which is comes-back's concern, and not yet lost. A message reported failed
//! may be in the conversation all the same: an answer can be lost after the message was stored.
//!
//! A tab of a browser has promised a message once it says `Accepted`; before that, its end loses
//! what was typed in it. The page that took a message reports it, and what becomes of a message
//! whose page has ended, or does not run, any tab may say, or the conversation itself, or its age.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Bounds, Oracle, Violation, end_of, ends_page, secs};
use crate::trace::browser::Browser;
use crate::trace::reports::{Failure, State};
use crate::trace::{Endpoint, Event, Frame, Kind, Lane, Message};

pub(super) const ORACLE: Oracle = Oracle {
    id: "no-loss",
    holds_when: "every accepted message is in the server's conversation, or was reported failed \
                 with a reason",
    judge,
};

/// A client that sent a message so shortly before the end is still at it.
const STILL_SENDING: Duration = Duration::from_secs(15);

/// A message that was accepted.
struct Promise {
    message: Message,
    at: Duration,
    lane: Lane,
    page: u32,
}

#[derive(Default)]
struct Ledger {
    browser: Browser,
    typed: BTreeSet<Message>,
    promises: Vec<Promise>,
    /// Reported, by each lane.
    settled: BTreeSet<(Lane, Message)>,
    failed: BTreeSet<Message>,
    /// Lanes whose client is on its way to a connection.
    trying: BTreeSet<Lane>,
    healed: bool,
    last_sent: Duration,
}

fn judge(events: &[Event], bounds: &Bounds) -> Vec<Violation> {
    let stored = first_stored(events);
    let mut ledger = Ledger::default();
    let mut found = Vec::new();
    for (index, event) in events.iter().enumerate() {
        ledger.on(event);
        let (message, text) = match &event.kind {
            Kind::Delivered { message } if ledger.typed.contains(message) => {
                let text = match stored.get(message) {
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
                (*message, text)
            }
            Kind::Failed { message, reason: Failure::Other(text) } if text.trim().is_empty() => {
                let text =
                    format!("{message} was reported failed without a reason at {}", secs(event.at));
                (*message, text)
            }
            _ => continue,
        };
        found.push(ORACLE.violation(events, index, text).about([message]));
    }
    for Promise { message, at, .. } in ledger.broken(end_of(events), bounds.ttl, &stored) {
        let fate = match stored.get(message) {
            Some(stored) => format!("was stored at {} but never reported", secs(*stored)),
            None => "was neither stored nor reported failed".to_owned(),
        };
        let text = format!("{message}, typed at {}, {fate} by the end of the run", secs(*at));
        found.push(ORACLE.violation(events, events.len() - 1, text).about([*message]));
    }
    found
}

impl Ledger {
    fn on(&mut self, event: &Event) {
        self.browser.on(event);
        let (lane, at) = (event.lane, event.at);
        let page = self.browser.page(lane);
        match &event.kind {
            Kind::Typed { message, .. } => {
                self.typed.insert(*message);
                if lane.tab().is_none() {
                    self.promises.push(Promise { message: *message, at, lane, page });
                }
            }
            Kind::Accepted { message } => {
                self.promises.push(Promise { message: *message, at, lane, page });
            }
            Kind::Delivered { message } => {
                self.settled.insert((lane, *message));
            }
            Kind::Failed { message, .. } => {
                self.settled.insert((lane, *message));
                self.failed.insert(*message);
            }
            Kind::Healed => self.healed = true,
            Kind::State { state } => {
                if matches!(state, State::Connecting | State::Waiting(_)) {
                    self.trying.insert(lane);
                } else {
                    self.trying.remove(&lane);
                }
            }
            Kind::Request { endpoint: Endpoint::Messages, .. }
            | Kind::FrameOut { frame: Frame::Message(_), .. }
                if lane.is_client() =>
            {
                self.last_sent = at;
            }
            kind if ends_page(kind) => {
                self.trying.remove(&lane);
            }
            _ => {}
        }
    }

    /// What was promised and has not come, by the end of the run.
    fn broken(
        &self,
        end: Duration,
        ttl: Duration,
        stored: &BTreeMap<Message, Duration>,
    ) -> Vec<&Promise> {
        let sending =
            !self.last_sent.is_zero() && end.saturating_sub(self.last_sent) < STILL_SENDING;
        if !self.healed || !self.trying.is_empty() || sending {
            return Vec::new();
        }
        let kept = |promise: &&Promise| {
            let Promise { message, at, lane, page } = promise;
            let can_tell =
                self.browser.tab(*lane).is_none_or(|tab| tab.runs() && tab.page == *page);
            let known = stored.contains_key(message) || self.failed.contains(message);
            // Nobody may have been there to send it, and nobody is there to be told that it expired.
            let expired = end > *at + ttl;
            self.settled.contains(&(*lane, *message)) || !can_tell && (known || expired)
        };
        self.promises.iter().filter(|promise| !kept(promise)).collect()
    }
}

fn first_stored(events: &[Event]) -> BTreeMap<Message, Duration> {
    let mut stored = BTreeMap::new();
    for event in events {
        if let Kind::Stored { message, .. } = &event.kind {
            stored.entry(*message).or_insert(event.at);
        }
    }
    stored
}
